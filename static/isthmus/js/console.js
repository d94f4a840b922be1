// The query console: completes names of entities and attributes, and runs by Ctrl+Enter.
import { announce } from "./announce.js";

const area = document.querySelector("[data-console]");
const list = document.getElementById("query-hints");
const known = new Map();
let shown = [];
let chosen = -1;

async function words(of) {
  if (!known.has(of)) {
    const address = `${area.dataset.console}${of ? `?of=${encodeURIComponent(of)}` : ""}`;
    const answer = await fetch(address, { headers: { Accept: "application/json" } });
    known.set(of, answer.ok ? await answer.json() : {});
  }
  return known.get(of);
}

const before = () => area.value.slice(0, area.selectionStart);
const part = () => /[A-Za-z_]\w*$/.exec(before())?.[0] ?? "";

function entityHere(text) {
  const opened = [...text.matchAll(/<(?:entity|link-entity)\s[^>]*?name="(\w+)"/g)].at(-1);
  return opened?.[1] ?? /^\s*\/?(\w+)\?/.exec(text)?.[1] ?? "";
}

// In FetchXML names stand in quotes after name= or attribute=; in OData an entity comes first, attributes follow.
async function candidates(text, asked) {
  const xml = area.value.trimStart().startsWith("<");
  const wantsEntity = xml ? /<(?:entity|link-entity)\s[^>]*?name="\w*$/.test(text) : !text.includes("?");
  if (wantsEntity) {
    const { entities = [] } = await words("");
    return entities.map((one) => ({ word: xml ? one.word : one.set, label: one.label }));
  }
  if (xml && !asked && !/(?:name|attribute|from|to)="\w*$/.test(text)) return [];
  const of = entityHere(text);
  const { attributes = [] } = of ? await words(of) : {};
  return attributes;
}

async function suggest(asked = false) {
  const text = before();
  const typed = part().toLowerCase();
  if (!typed && !asked) return close();
  const found = await candidates(text, asked);
  if (text !== before()) return;
  shown = found
    .filter(({ word, label }) => word.toLowerCase().startsWith(typed) || label.toLowerCase().startsWith(typed))
    .filter(({ word }) => word !== part())
    .slice(0, 12);
  chosen = -1;
  list.replaceChildren(...shown.map(item));
  list.hidden = shown.length === 0;
  area.removeAttribute("aria-activedescendant");
  if (shown.length && asked) announce(`${shown.length} to choose from`);
}

function item({ word, label }, number) {
  const line = document.createElement("li");
  line.className = "console-hint";
  line.id = `hint-${number}`;
  line.setAttribute("role", "option");
  line.setAttribute("aria-selected", "false");
  const hint = document.createElement("small");
  hint.textContent = label;
  line.append(word, hint);
  line.addEventListener("pointerdown", (event) => {
    event.preventDefault();
    take(number);
  });
  return line;
}

function close() {
  list.hidden = true;
  shown = [];
  area.removeAttribute("aria-activedescendant");
}

function move(step) {
  chosen = (chosen + step + shown.length) % shown.length;
  [...list.children].forEach((line, number) => line.setAttribute("aria-selected", String(number === chosen)));
  list.children[chosen].scrollIntoView({ block: "nearest" });
  area.setAttribute("aria-activedescendant", `hint-${chosen}`);
}

function take(number) {
  const end = area.selectionStart;
  area.setRangeText(shown[number].word, end - part().length, end, "end");
  close();
  area.focus();
}

area.addEventListener("input", () => suggest());
area.addEventListener("blur", close);
area.addEventListener("keydown", (event) => {
  const open = !list.hidden;
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) area.form.requestSubmit(area.form.querySelector("[data-run]"));
  else if (event.key === " " && event.ctrlKey) suggest(true);
  else if (open && event.key === "ArrowDown") move(1);
  else if (open && event.key === "ArrowUp") move(-1);
  else if (open && chosen >= 0 && (event.key === "Enter" || event.key === "Tab")) take(chosen);
  else if (open && event.key === "Escape") close();
  else return;
  event.preventDefault();
});

document.addEventListener("click", ({ target }) => {
  const example = target.closest?.("[data-example]");
  if (!example) return;
  area.value = example.dataset.example;
  area.focus();
});
