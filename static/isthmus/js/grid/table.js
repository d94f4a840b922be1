// The grid's table: its cells, and how one goes from one to the next.
export const box = document.querySelector("[data-grid]");
export const table = box?.querySelector("table");
export const base = box?.dataset.base;

export const cellOf = (element) => element?.closest?.("tbody [data-name]");
export const idOf = (cell) => cell.closest("tr").dataset.id;
export const isBusy = (cell) => Boolean(cell.querySelector("form"));

const beside = (row, step) => {
  const next = step > 0 ? "nextElementSibling" : "previousElementSibling";
  const body = row[next] ?? (step > 0 ? row.parentElement[next]?.rows[0] : [...(row.parentElement[next]?.rows ?? [])].at(-1));
  return body?.dataset?.id ? body : null;
};

/** The cell so many rows down and columns right; at an edge the last one there is. */
export function near(cell, down, right) {
  let row = cell.closest("tr");
  for (let left = Math.abs(down); left > 0; left -= 1) row = beside(row, Math.sign(down)) ?? row;
  const column = Math.min(Math.max(cell.cellIndex + right, 1), row.cells.length - 1);
  return row.cells[column];
}

/** One cell is a stop for Tab; arrows go on from there. */
export function stopAt(cell) {
  for (const other of table.querySelectorAll('tbody [tabindex="0"]')) other.tabIndex = -1;
  if (cell) cell.tabIndex = 0;
}

export function focus(cell) {
  stopAt(cell);
  cell.focus({ preventScroll: true });
  cell.scrollIntoView({ block: "nearest", inline: "nearest" });
}

export const fragment = (html) => {
  const template = document.createElement("template");
  template.innerHTML = html.trim();
  return template.content;
};
