// Arrows go from cell to cell, Enter opens or edits, Space selects. The ? dialog lists it all.
import { announce } from "../announce.js";
import { edit } from "./edit.js";
import { selectRow, selectShown } from "./select.js";
import { cellOf, focus, isBusy, near, stopAt, table } from "./table.js";

const MOVES = {
  ArrowDown: [1, 0], ArrowUp: [-1, 0], ArrowRight: [0, 1], ArrowLeft: [0, -1], PageDown: [10, 0], PageUp: [-10, 0],
};
const FAR = 100_000;

function move(cell, event) {
  const [down, right] = MOVES[event.key] ?? [0, event.key === "Home" ? -FAR : FAR];
  const far = event.ctrlKey || event.metaKey ? Math.sign(right) * FAR : 0;
  focus(near(cell, down + (down ? 0 : far), right));
}

function enter(cell) {
  const link = cell.matches("th") && cell.querySelector("a");
  if (link) return link.click();
  edit(cell) || announce("This cannot be changed here.");
}

const types = (event) => event.key.length === 1 && !event.ctrlKey && !event.metaKey && !event.altKey && !"?/ ".includes(event.key);

function onKey(event) {
  const cell = cellOf(event.target);
  if (!cell || event.target !== cell || isBusy(cell) || event.defaultPrevented || event.isComposing) return;
  if (event.key in MOVES || event.key === "Home" || event.key === "End") move(cell, event);
  else if (event.key === "Enter") enter(cell);
  else if (event.key === "F2") edit(cell) || announce("This cannot be changed here.");
  else if (event.key === " ") selectRow(cell.closest("tr"), { range: event.shiftKey });
  else if (event.key === "a" && (event.ctrlKey || event.metaKey)) selectShown(true);
  else if (types(event) && "edit" in cell.dataset) { edit(cell, event.key); event.stopPropagation(); }
  else return;
  event.preventDefault();
}

table?.addEventListener("keydown", onKey);
table?.addEventListener("focusin", ({ target }) => {
  const cell = cellOf(target);
  if (cell && cell === target) stopAt(cell);
});
table?.addEventListener("dblclick", ({ target }) => {
  const cell = cellOf(target);
  if (cell && !isBusy(cell) && !target.closest("a")) edit(cell);
});
// A click puts the cursor into the cell; only the name opens the record, so that a click beside it loses nothing.
table?.addEventListener("mousedown", ({ target, button }) => {
  const cell = cellOf(target);
  if (cell && button === 0 && !isBusy(cell) && !target.closest("a, button, input")) focus(cell);
});
if (table) stopAt(table.querySelector("tbody [data-name]"));

const help = document.getElementById("grid-help");
document.addEventListener("click", ({ target }) => {
  if (target.closest?.("[data-grid-help]")) help.showModal();
  if (target === help) help.close();
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "?" || event.target.closest?.("input, textarea, select, dialog") || !help) return;
  event.stopImmediatePropagation();
  help.showModal();
}, { capture: true });
