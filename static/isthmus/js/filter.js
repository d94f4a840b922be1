// <input data-filter="#list"> hides the children of #list that do not hold every word typed.
import { announce } from "./announce.js";

document.addEventListener("input", (event) => {
  const list = event.target.dataset?.filter && document.querySelector(event.target.dataset.filter);
  if (!list) return;
  const words = event.target.value.toLowerCase().split(/\s+/).filter(Boolean);
  let shown = 0;
  for (const item of list.children) {
    const text = (item.dataset.filterText ?? item.textContent).toLowerCase();
    item.hidden = !words.every((word) => text.includes(word));
    shown += item.hidden ? 0 : 1;
  }
  announce(`${shown} shown`);
});

// <input type="checkbox" data-check-all="#list"> ticks what is visible in #list.
document.addEventListener("change", (event) => {
  const list = event.target.dataset?.checkAll && document.querySelector(event.target.dataset.checkAll);
  if (!list) return;
  for (const box of list.querySelectorAll('input[type="checkbox"]:not(:disabled)')) {
    if (!box.closest("[hidden]")) box.checked = event.target.checked;
  }
});
