// [data-sortable]: children change places by their [data-grip], dragged or with the arrow keys. A form sends them as they stand.
import { announce } from "./announce.js";

const itemOf = (element) => {
  const list = element.closest?.("[data-sortable]");
  return list && [...list.children].find((child) => child.contains(element));
};
let dragged = null;

document.addEventListener("keydown", (event) => {
  const grip = event.target.closest?.("[data-grip]");
  const way = { ArrowUp: "previousElementSibling", ArrowDown: "nextElementSibling" }[event.key];
  if (!grip || !way) return;
  event.preventDefault();
  const item = itemOf(grip);
  let other = item[way];
  while (other?.hidden) other = other[way];
  if (!other) return;
  event.key === "ArrowUp" ? other.before(item) : other.after(item);
  grip.focus();
  announce(`${[...item.parentElement.children].indexOf(item) + 1} of ${item.parentElement.children.length}`);
});

document.addEventListener("pointerdown", (event) => {
  const grip = event.target.closest?.("[data-grip]");
  if (!grip) return;
  event.preventDefault();
  dragged = itemOf(grip);
  dragged.classList.add("dragged");
});
document.addEventListener("pointermove", (event) => {
  if (!dragged) return;
  const over = itemOf(document.elementFromPoint(event.clientX, event.clientY) ?? document.body);
  if (!over || over === dragged || over.parentElement !== dragged.parentElement) return;
  const { top, height } = over.getBoundingClientRect();
  event.clientY < top + height / 2 ? over.before(dragged) : over.after(dragged);
});
document.addEventListener("pointerup", () => {
  dragged?.classList.remove("dragged");
  dragged = null;
});
