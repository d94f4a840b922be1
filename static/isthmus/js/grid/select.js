// Ticks that last over all pages of a list. What they mean to a form is told in entities/selection.py.
import { announce } from "../announce.js";
import { box, table } from "./table.js";

const bar = document.querySelector("[data-selection-bar]");
const key = box && `isthmus-selection:${box.dataset.base}?${box.dataset.query}`;
const kept = () => {
  try { return JSON.parse(sessionStorage.getItem(key)) ?? {}; } catch { return {}; }
};
const start = box ? kept() : {};
const ids = new Set(start.ids);
const except = new Set(start.except);
let everything = Boolean(start.everything);
let last = null;

const isTicked = (id) => (everything ? !except.has(id) : ids.has(id));
const boxes = () => [...table.querySelectorAll("[data-select]")];

function set(id, on) {
  const group = everything ? except : ids;
  on === everything ? group.delete(id) : group.add(id);
}

export function showTicks() {
  const all = boxes();
  for (const each of all) {
    each.checked = isTicked(each.value);
    each.closest("tr").toggleAttribute("data-selected", each.checked);
  }
  const head = table.querySelector("[data-select-all]");
  if (!head) return; // a mirror: there is nothing to do with many
  const ticked = all.filter((each) => each.checked).length;
  head.checked = all.length > 0 && ticked === all.length;
  head.indeterminate = ticked > 0 && !head.checked;
}

function changed() {
  try { sessionStorage.setItem(key, JSON.stringify({ ids: [...ids], except: [...except], everything })); } catch { /* nowhere to keep it */ }
  showTicks();
  const some = everything || ids.size > 0;
  bar.hidden = !some;
  bar.querySelector("[data-selection-count]").textContent = everything ? (except.size ? `All but ${except.size}` : "All of the list") : ids.size;
  bar.querySelector("[data-select-list]").hidden = everything;
  const form = bar.querySelector("[data-selection-form]");
  form.elements.selection.value = everything ? "all" : [...ids].join(",");
  form.elements.except.value = everything ? [...except].join(",") : "";
  if (some) announce(`${bar.querySelector("p").textContent.trim()}`);
}

export function selectRow(row, { range = false, on } = {}) {
  const all = boxes();
  const tick = row.querySelector("[data-select]");
  if (!tick) return;
  const wanted = on ?? !isTicked(tick.value);
  const from = range && last ? all.findIndex((each) => each.value === last) : -1;
  const to = all.indexOf(tick);
  const few = from < 0 ? [tick] : all.slice(Math.min(from, to), Math.max(from, to) + 1);
  for (const each of few) set(each.value, wanted);
  last = tick.value;
  changed();
}

export function selectShown(on) {
  if (!bar) return;
  for (const each of boxes()) set(each.value, on);
  changed();
}

function selectNothing() {
  ids.clear();
  except.clear();
  everything = false;
  changed();
}

let shift = false;
table?.addEventListener("click", (event) => { shift = event.shiftKey; }, { capture: true });
table?.addEventListener("change", ({ target }) => {
  if (target.matches("[data-select]")) selectRow(target.closest("tr"), { range: shift, on: target.checked });
  if (target.matches("[data-select-all]")) selectShown(target.checked);
});
bar?.addEventListener("click", ({ target }) => {
  if (target.closest("[data-select-none]")) selectNothing();
  if (target.closest("[data-select-list]")) { everything = true; except.clear(); ids.clear(); changed(); }
});
if (box && bar) changed();
