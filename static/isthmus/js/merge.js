// In a conflict: a button puts theirs, or mine, into the form's field. Nothing is saved by it.
import { announce } from "./announce.js";
import { fill } from "./fill.js";

document.addEventListener("click", ({ target }) => {
  const button = target.closest?.("[data-take]");
  if (!button) return;
  const [value, label] = JSON.parse(button.dataset.take);
  fill(document.querySelector(".record-form"), button.dataset.field, [value].flat(), label);
  for (const other of button.closest("tr").querySelectorAll("[data-take]")) other.setAttribute("aria-pressed", String(other === button));
  announce(`${button.textContent.trim()}: in the form below, not saved yet`);
});
