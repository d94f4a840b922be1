// A combobox over htmx: the server fills the list, this chooses from it by mouse or keyboard.
// https://www.w3.org/WAI/ARIA/apg/patterns/combobox/
import { announce } from "./announce.js";

const parts = (element) => {
  const box = element.closest("[data-lookup]");
  return box && { hidden: box.querySelector('input[type="hidden"]'), text: box.querySelector('[role="combobox"]'), list: box.querySelector('[role="listbox"]') };
};
const options = (list) => [...list.querySelectorAll('[role="option"]')];

function show({ text, list }, open) {
  if (!list) return;
  list.hidden = !open;
  text.setAttribute("aria-expanded", String(open));
  if (!open) text.removeAttribute("aria-activedescendant");
}

function mark({ text, list }, option) {
  for (const each of options(list)) each.setAttribute("aria-selected", String(each === option));
  text.setAttribute("aria-activedescendant", option.id);
  option.scrollIntoView({ block: "nearest" });
}

function choose(lookup, option) {
  const name = option.textContent.trim();
  lookup.hidden.value = option.dataset.value;
  lookup.text.value = name;
  lookup.text.dataset.chosen = name;
  lookup.text.dataset.value = option.dataset.value;
  show(lookup, false);
  lookup.hidden.dispatchEvent(new Event("change", { bubbles: true }));
}

const found = (count) => (count === 1 ? "1 record to choose from" : `${count || "No"} records to choose from`);

document.addEventListener("htmx:after:swap", () => {
  const lookup = document.activeElement?.matches?.('[role="combobox"]') && parts(document.activeElement);
  // An answer that comes after something was chosen is for nobody.
  if (!lookup?.list?.children.length || lookup.hidden.value) return;
  lookup.text.removeAttribute("aria-activedescendant");
  show(lookup, true);
  announce(found(options(lookup.list).length));
});

document.addEventListener("input", ({ target }) => {
  const lookup = target.matches?.('[role="combobox"]') && parts(target);
  // What was typed is not a record until one is chosen; typed back, it is the one it was; an empty box clears it.
  if (lookup) lookup.hidden.value = target.value && target.value === target.dataset.chosen ? target.dataset.value : "";
});

document.addEventListener("keydown", (event) => {
  const lookup = event.target.matches?.('[role="combobox"]') && parts(event.target);
  if (!lookup) return;
  const all = options(lookup.list);
  const at = all.findIndex((each) => each.getAttribute("aria-selected") === "true");
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    show(lookup, true);
    if (all.length) mark(lookup, all[(at + (event.key === "ArrowDown" ? 1 : -1) + all.length) % all.length]);
  } else if (event.key === "Enter" && !lookup.list.hidden && at >= 0) {
    event.preventDefault();
    choose(lookup, all[at]);
  } else if (event.key === "Escape") {
    if (!lookup.list.hidden) event.preventDefault();
    show(lookup, false);
  }
});

document.addEventListener("mousedown", (event) => {
  const option = event.target.closest?.('[data-lookup] [role="option"]');
  if (option) {
    event.preventDefault();
    choose(parts(option), option);
  }
});

document.addEventListener("focusin", ({ target }) => {
  const lookup = target.matches?.('[role="combobox"]') && parts(target);
  if (lookup) {
    target.dataset.chosen ??= target.value;
    target.dataset.value ??= lookup.hidden.value;
    if (options(lookup.list).length && !lookup.hidden.value) show(lookup, true);
  }
});

document.addEventListener("focusout", ({ target }) => {
  const lookup = target.matches?.('[role="combobox"]') && parts(target);
  if (lookup) show(lookup, false);
});
