// <form data-draft>: what it sends stays in this tab until a page says that it was saved, so that a session which had
// ended costs nobody what they typed. It is for the same person and the same form, and holds no password and no file.
import { announce } from "./announce.js";
import { fill } from "./fill.js";

const PREFIX = "isthmus-draft ";
const { person } = document.body.dataset; // nobody, where nobody is signed in
const mine = `${PREFIX}${person} `;
const path = (address) => { const { pathname, search } = new URL(address, location.href); return pathname + search; };
const drafts = () => Object.keys(sessionStorage).filter((key) => key.startsWith(PREFIX));
const forget = (keys) => { for (const key of keys) sessionStorage.removeItem(key); };
const typed = (form, name) => [form.elements[name]].flat().every(({ type }) => type !== "password");

function keep(form, submitter) {
  const sent = [...new FormData(form)].filter(([name, value]) => typeof value === "string" && name !== "csrfmiddlewaretoken" && typed(form, name));
  const address = submitter?.hasAttribute("formaction") ? submitter.formAction : form.getAttribute("action") ?? location.href;
  try {
    sessionStorage.setItem(mine + path(address), JSON.stringify(sent));
  } catch { /* The tab's storage is full or forbidden: then it is as it would be without. */ }
}

function restore(form, sent) {
  const values = Map.groupBy(sent, ([name]) => name);
  const of = (name) => (values.get(name) ?? []).map(([, value]) => value);
  const names = new Set([...form.elements].map(({ name }) => name).filter((name) => name && name !== "csrfmiddlewaretoken"));
  for (const name of names) if (!(name.endsWith("-label") && names.has(name.slice(0, -6)))) fill(form, name, of(name), of(`${name}-label`)[0]);
}

function offer(form, key) {
  const box = document.querySelector("[data-draft-offer]");
  box.hidden = false;
  box.addEventListener("click", ({ target }) => {
    const answer = target.closest("[data-draft-answer]")?.dataset.draftAnswer;
    if (!answer) return;
    if (answer === "restore") restore(form, JSON.parse(sessionStorage.getItem(key)));
    forget([key]);
    box.hidden = true;
    form.querySelector('input:not([type="hidden"]), select, textarea')?.focus();
    announce(answer === "restore" ? "What you typed is in the form again, not saved yet" : "Thrown away");
  });
}

document.addEventListener("submit", (event) => {
  const { target: form, submitter } = event;
  if ("signOut" in form.dataset) forget(drafts());
  else if ("draft" in form.dataset && !event.defaultPrevented) keep(form, submitter);
});

if (person) {
  forget(drafts().filter((key) => !key.startsWith(mine)));
  forget([...document.querySelectorAll("[data-saved]")].map(({ dataset }) => mine + dataset.saved));
}
const here = drafts().find((key) => key.endsWith(` ${path(location.href)}`));
const form = document.querySelector("form[data-draft]");
// A form that came back from the server holds what was typed; sent again, it is kept again.
if (here && form) "unsent" in form.dataset ? forget([here]) : offer(form, here);
else if (here) {
  for (const hint of document.querySelectorAll("[data-draft-here]")) {
    hint.hidden = false;
    hint.querySelector("a").href = path(location.href);
  }
}
