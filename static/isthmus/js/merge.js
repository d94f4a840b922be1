// In a conflict: a button puts theirs, or mine, into the form's field. Nothing is saved by it.
import { announce } from "./announce.js";

function fill(name, [value, label]) {
  const fields = [...document.querySelectorAll(`.record-form [name="${CSS.escape(name)}"]`)];
  const chosen = [value].flat();
  for (const field of fields) {
    if (field.type === "checkbox") field.checked = chosen.includes(field.value);
    else field.value = chosen[0] ?? "";
  }
  const text = document.querySelector(`.record-form [name="${CSS.escape(`${name}-label`)}"]`);
  if (text) Object.assign(text, { value: label }).dataset.chosen = label;
  fields[0]?.dispatchEvent(new Event("change", { bubbles: true }));
}

document.addEventListener("click", ({ target }) => {
  const button = target.closest?.("[data-take]");
  if (!button) return;
  fill(button.dataset.field, JSON.parse(button.dataset.take));
  for (const other of button.closest("tr").querySelectorAll("[data-take]")) other.setAttribute("aria-pressed", String(other === button));
  announce(`${button.textContent.trim()}: in the form below, not saved yet`);
});
