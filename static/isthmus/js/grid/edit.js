// One cell becomes a form: Enter saves, Tab saves and goes on, Escape leaves it as it was. What is refused stays typed.
import { announce } from "../announce.js";
import { showTicks } from "./select.js";
import { Trouble, get, post, said } from "./server.js";
import { base, box, cellOf, focus, fragment, idOf, near, stopAt, table } from "./table.js";

const before = new WeakMap(); // cell → what it showed
const control = (cell) => cell.querySelector('[role="combobox"], select, textarea, input:not([type="hidden"])');
const values = (form) => new URLSearchParams(new FormData(form)).toString();
const opened = new WeakMap(); // form → what it held

/** Opens the cell's editor, with `typed` in place of its value. False where the cell cannot be changed. */
export function edit(cell, typed = "") {
  if (!("edit" in cell.dataset) || before.has(cell)) return before.has(cell);
  before.set(cell, [...cell.childNodes]);
  cell.classList.add("cell-opening");
  const buffer = { text: typed };
  const collect = (event) => {
    if (event.key === "Escape") return;
    if (event.key.length === 1 && !event.ctrlKey && !event.metaKey) buffer.text += event.key;
    event.preventDefault();
    event.stopPropagation();
  };
  cell.addEventListener("keydown", collect);
  open(cell, buffer).finally(() => cell.removeEventListener("keydown", collect));
  return true;
}

async function open(cell, buffer) {
  try {
    const answer = await get(`${base}${idOf(cell)}/cell/${cell.dataset.name}/`);
    if (!answer.ok) throw new Trouble(await said(answer));
    if (before.has(cell)) show(cell, await answer.text(), buffer.text);
  } catch (trouble) {
    close(cell);
    complain(cell, trouble);
  }
}

function show(cell, html, typed = "") {
  cell.classList.remove("cell-opening");
  cell.classList.add("cell-editing");
  cell.replaceChildren(fragment(html));
  htmx.process(cell);
  const form = cell.querySelector("form");
  const field = control(cell);
  opened.set(form, values(form));
  field.focus();
  if (typed) type(field, typed);
  else field.select?.();
  form.querySelector(".cell-trouble")?.scrollIntoView({ block: "nearest" });
}

function type(field, text) {
  if (field.matches("select")) {
    const found = [...field.options].find((option) => option.text.toLowerCase().startsWith(text.toLowerCase()));
    if (found) field.value = found.value;
  } else if (!field.matches('[type="date"], [type="datetime-local"], [type="checkbox"]')) {
    field.value = text;
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

function close(cell) {
  const nodes = before.get(cell);
  before.delete(cell);
  cell.classList.remove("cell-opening", "cell-editing", "cell-saving");
  if (nodes) cell.replaceChildren(...nodes);
}

function complain(cell, trouble) {
  if (!(trouble instanceof Trouble)) throw trouble;
  const form = cell.querySelector("form");
  announce(trouble.message);
  if (!form) {
    box.dispatchEvent(new CustomEvent("isthmus:grid-trouble", { detail: trouble.message }));
    return;
  }
  const place = form.querySelector(".cell-trouble") ?? fragment('<div class="cell-trouble" role="alert"></div>').firstChild;
  const line = document.createElement("p");
  line.textContent = trouble.message;
  place.replaceChildren(line);
  form.querySelector(".cell-actions").before(place);
  place.scrollIntoView({ block: "nearest" });
}

/** Sends the cell's form; resolves to the cell as it is afterwards, or null when it was refused. */
async function save(cell) {
  const form = cell.querySelector("form");
  if (!form || cell.classList.contains("cell-saving")) return null;
  if (values(form) === opened.get(form) && !form.querySelector(".cell-trouble")) { close(cell); return cell; }
  cell.classList.add("cell-saving");
  const body = new FormData(form);
  body.set("query", box.dataset.query);
  body.delete("csrfmiddlewaretoken"); // it is for the buttons that lead elsewhere; `post` knows the one of now
  try {
    const answer = await post(form.action, body);
    const html = await answer.clone().text();
    if (answer.ok) return replaceRow(cell, html);
    if (!html.includes("data-cell-form")) throw new Trouble(await said(answer));
    const inside = cell.contains(document.activeElement);
    cell.classList.remove("cell-saving");
    const typed = values(form);
    show(cell, html);
    opened.set(cell.querySelector("form"), `${typed}&refused`);
    if (!inside) document.activeElement.blur();
    announce(cell.querySelector(".cell-trouble")?.textContent.replace(/\s+/g, " ").trim() ?? "Not saved");
  } catch (trouble) {
    complain(cell, trouble);
  } finally {
    cell.classList.remove("cell-saving");
  }
  return null;
}

function replaceRow(cell, html) {
  const row = cell.closest("tr");
  const fresh = fragment(html).firstElementChild;
  const hadFocus = row.contains(document.activeElement);
  for (const other of row.querySelectorAll("form")) if (!cell.contains(other)) return settle(cell, fresh);
  row.replaceWith(fresh);
  showTicks();
  const now = fresh.querySelector(`[data-name="${CSS.escape(cell.dataset.name)}"]`) ?? fresh.cells[1];
  now.classList.add("cell-saved");
  setTimeout(() => now.classList.remove("cell-saved"), 900);
  if (hadFocus) focus(now); else stopAt(now);
  announce("Saved");
  return now;
}

// Another cell of the row is being edited: only this one is brought up to date.
function settle(cell, fresh) {
  before.delete(cell);
  cell.classList.remove("cell-editing", "cell-saving");
  cell.replaceChildren(...fresh.querySelector(`[data-name="${CSS.escape(cell.dataset.name)}"]`).childNodes);
  announce("Saved");
  return cell;
}

async function saveAndGo(cell, down, right) {
  const now = await save(cell);
  if (now) focus(near(now, down, right));
}

const listOpen = (target) => target.matches('[role="combobox"][aria-expanded="true"]');

table?.addEventListener("keydown", (event) => {
  const cell = cellOf(event.target);
  if (!cell || event.target === cell || event.isComposing || !cell.querySelector("form")) return;
  const { key, target } = event;
  if (key === "Escape" && !listOpen(target)) { close(cell); focus(cell); }
  else if (key === "Enter" && !target.matches("textarea, button") && !(listOpen(target) && target.hasAttribute("aria-activedescendant"))) saveAndGo(cell, event.shiftKey ? -1 : 1, 0);
  else if (key === "Enter" && target.matches("textarea") && (event.ctrlKey || event.metaKey)) saveAndGo(cell, 1, 0);
  else if (key === "Tab" && !target.matches('[type="checkbox"], button')) saveAndGo(cell, 0, event.shiftKey ? -1 : 1);
  else return;
  event.preventDefault();
});

table?.addEventListener("submit", (event) => {
  if (!event.target.matches("[data-cell-form]") || event.submitter?.hasAttribute("data-elsewhere")) return;
  event.preventDefault();
  saveAndGo(cellOf(event.target), 0, 0);
});

table?.addEventListener("click", ({ target }) => {
  if (!target.closest("[data-cell-cancel]")) return;
  const cell = cellOf(target);
  close(cell);
  focus(cell);
});

// Going elsewhere saves, as in a spreadsheet.
table?.addEventListener("focusout", ({ target, relatedTarget }) => {
  const cell = cellOf(target);
  if (!cell?.querySelector("form") || cell.contains(relatedTarget) || !document.hasFocus()) return;
  setTimeout(() => { if (cell.isConnected && before.has(cell) && !cell.contains(document.activeElement)) save(cell); });
});

addEventListener("beforeunload", (event) => {
  for (const form of table?.querySelectorAll("tbody form") ?? []) if (values(form) !== opened.get(form)) event.preventDefault();
});
