// <details data-drop>: a panel below its button. Escape and a click elsewhere close it; opened, its first control has the focus.
const open = () => [...document.querySelectorAll("details[data-drop][open]")];

function close(drop, { focus = false } = {}) {
  drop.open = false;
  if (focus) drop.querySelector("summary").focus();
}

document.addEventListener("toggle", ({ target }) => {
  if (!target.matches?.("details[data-drop]") || !target.open) return;
  for (const other of open()) if (other !== target) close(other);
  target.querySelector("select, input:not([type=hidden]), button")?.focus();
}, true);

document.addEventListener("keydown", (event) => {
  const drop = event.key === "Escape" && event.target.closest?.("details[data-drop][open]");
  if (!drop || event.defaultPrevented) return;
  close(drop, { focus: true });
});

document.addEventListener("mousedown", ({ target }) => {
  for (const drop of open()) if (!drop.contains(target)) close(drop);
});
