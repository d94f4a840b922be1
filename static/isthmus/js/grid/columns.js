// Columns: wider and narrower, and in another order; by mouse and by keyboard. Both are kept for the person.
import { announce } from "../announce.js";
import { Trouble, post } from "./server.js";
import { base, box, table } from "./table.js";

const STEP = 16;
const LEAST = 60;
const col = (name) => table.querySelector(`col[data-col="${CSS.escape(name)}"]`);
const heads = () => [...table.querySelectorAll("thead th[data-col]")];

// From the first touch on every column has the width it has now, so that the others stay where they are.
function freeze() {
  if (table.hasAttribute("data-sized")) return;
  const found = heads().map((head) => [head.dataset.col, head.offsetWidth]);
  for (const [name, width] of found) col(name).width = width;
  table.setAttribute("data-sized", "");
}

async function keep(body, url = `${base}widths/`) {
  try {
    await post(url, body);
  } catch (trouble) {
    if (!(trouble instanceof Trouble)) throw trouble;
    announce(trouble.message);
  }
}

function keepWidths() {
  const body = new FormData();
  for (const head of heads()) body.set(head.dataset.col, Math.round(Number(col(head.dataset.col).width)));
  keep(body);
}

function resize(name, width) {
  freeze();
  col(name).width = Math.max(LEAST, Math.round(width));
}

table?.addEventListener("pointerdown", (event) => {
  const handle = event.target.closest("[data-resize]");
  if (!handle) return;
  event.preventDefault();
  const name = handle.dataset.resize;
  freeze();
  const [begin, width] = [event.clientX, Number(col(name).width)];
  const follow = ({ clientX }) => resize(name, width + clientX - begin);
  handle.setPointerCapture(event.pointerId);
  handle.addEventListener("pointermove", follow);
  handle.addEventListener("pointerup", () => { handle.removeEventListener("pointermove", follow); keepWidths(); }, { once: true });
});

let later = 0;
table?.addEventListener("keydown", (event) => {
  const handle = event.target.closest?.("[data-resize]");
  const way = { ArrowLeft: -STEP, ArrowRight: STEP }[event.key];
  if (!handle || !way || event.altKey) return;
  event.preventDefault();
  freeze();
  resize(handle.dataset.resize, Number(col(handle.dataset.resize).width) + way);
  announce(`${col(handle.dataset.resize).width} pixels wide`);
  clearTimeout(later);
  later = setTimeout(keepWidths, 400);
});

table?.addEventListener("dblclick", async (event) => {
  if (!event.target.closest("[data-resize]")) return;
  const body = new FormData();
  for (const head of heads()) body.set(head.dataset.col, 0);
  await keep(body);
  location.reload();
});

// In another order: by dragging a head, or with Alt and an arrow on it.
async function reorder(names) {
  const body = new FormData();
  for (const name of names) body.append("column", name);
  body.set("query", box.dataset.query);
  await keep(body, `${base}columns/`);
  const query = new URLSearchParams(location.search);
  query.delete("columns");
  location.search = query;
}

const names = () => heads().map((head) => head.dataset.col);
const moved = (name, to) => {
  const rest = names().filter((each) => each !== name);
  rest.splice(to, 0, name);
  return rest;
};

table?.addEventListener("keydown", (event) => {
  const head = event.altKey && event.target.closest?.("thead th[data-col]");
  const way = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  if (!head || !way) return;
  event.preventDefault();
  const to = names().indexOf(head.dataset.col) + way;
  if (to >= 0 && to < names().length) reorder(moved(head.dataset.col, to));
});

let dragged = "";
for (const head of table ? heads() : []) {
  const grip = head.querySelector(".sort");
  grip.draggable = true;
  grip.addEventListener("dragstart", ({ dataTransfer }) => {
    dragged = head.dataset.col;
    dataTransfer.effectAllowed = "move";
    dataTransfer.setData("text/plain", grip.textContent.trim());
  });
  head.addEventListener("dragover", (event) => {
    if (!dragged || dragged === head.dataset.col) return;
    event.preventDefault();
    head.classList.add("drop-here");
  });
  head.addEventListener("dragleave", () => head.classList.remove("drop-here"));
  head.addEventListener("drop", (event) => {
    event.preventDefault();
    reorder(moved(dragged, names().indexOf(head.dataset.col)));
  });
}
addEventListener("dragend", () => { dragged = ""; });

// Shift and a click sort by one column more.
table?.addEventListener("click", (event) => {
  const link = event.shiftKey && event.target.closest("a[data-then]");
  if (!link) return;
  event.preventDefault();
  location.assign(link.dataset.then);
});
