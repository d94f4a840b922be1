// <form data-guard>: leaving with changes not yet sent asks first, and the form says that there are some.
const dirty = new Set();

const state = (form) => new URLSearchParams([...new FormData(form)].map(([k, v]) => [k, String(v.name ?? v)])).toString();
const clean = new WeakMap();
const remember = () => {
  for (const form of document.querySelectorAll("form[data-guard]")) if (!clean.has(form)) clean.set(form, state(form));
};

function look(event) {
  const form = event.target.closest?.("form[data-guard]");
  if (!form) return;
  const changed = clean.get(form) !== state(form);
  changed ? dirty.add(form) : dirty.delete(form);
  form.querySelector("[data-unsaved]")?.toggleAttribute("hidden", !changed);
}

document.addEventListener("input", look);
document.addEventListener("change", look);
document.addEventListener("submit", (event) => dirty.delete(event.target));
document.addEventListener("htmx:after:swap", remember);
addEventListener("beforeunload", (event) => {
  if ([...dirty].some((form) => form.isConnected)) event.preventDefault();
});
remember();
