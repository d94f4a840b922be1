// A head's menu lies over everything; where it opens is measured, since the grid itself scrolls.
document.addEventListener("toggle", ({ target, newState }) => {
  if (newState !== "open" || !target.matches?.(".head-panel")) return;
  const { left, bottom } = document.querySelector(`[popovertarget="${CSS.escape(target.id)}"]`).getBoundingClientRect();
  target.style.left = `${Math.max(8, Math.min(left, innerWidth - target.offsetWidth - 8))}px`;
  target.style.top = `${bottom + 4}px`;
  target.querySelector("a")?.focus();
}, { capture: true });
