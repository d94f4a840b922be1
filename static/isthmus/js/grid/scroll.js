// The list grows while it is scrolled. Pages far from what is seen are folded, so that it stays as light as at first.
import { announce } from "../announce.js";
import { showTicks } from "./select.js";
import { Trouble, get, said } from "./server.js";
import { box, fragment, table } from "./table.js";

const KEPT = 6; // pages in full, around what is seen
const more = box?.querySelector("[data-grid-more]");
const shown = document.querySelector("[data-shown]");
const pages = () => [...table.tBodies];
const seen = new Map(); // page → ids, for going from record to record
let fetching = false;

const own = () => `?${box.dataset.query}&rows=1&page=`;

function remember() {
  for (const body of pages()) if (!body.dataset.folded) seen.set(Number(body.dataset.page), [...body.rows].map((row) => row.dataset.id));
  const ids = [...seen].sort(([a], [b]) => a - b).flatMap(([, few]) => few);
  const trail = { list: location.pathname + location.search, base: box.dataset.base, next: pages().at(-1).dataset.next, ids };
  try { sessionStorage.setItem(`isthmus-trail:${box.dataset.base}`, JSON.stringify(trail)); } catch { /* nowhere to keep it */ }
}

function tell() {
  const [first] = shown.textContent.split("–");
  const count = [...seen.values()].reduce((sum, few) => sum + few.length, 0);
  shown.textContent = `${first}–${Number(first) + count - 1}`;
}

function wait(text, retry = false) {
  more.hidden = !text;
  more.textContent = text;
  if (!retry) return;
  const button = fragment('<button type="button" class="btn btn-secondary btn-sm">Try again</button>').firstChild;
  button.addEventListener("click", grow);
  more.append(" ", button);
}

async function grow() {
  const last = pages().at(-1);
  if (fetching || !last.dataset.next) return;
  fetching = true;
  wait("More records are coming…");
  try {
    const answer = await get(last.dataset.next);
    if (!answer.ok) throw new Trouble(await said(answer));
    const body = fragment(await answer.text()).firstElementChild;
    body.dataset.url = last.dataset.next;
    last.after(body);
    watch(body);
    settle();
    wait("");
    fetching = false;
    if (reaches()) grow();
  } catch (trouble) {
    if (!(trouble instanceof Trouble)) throw trouble;
    wait(trouble.message, true);
    announce(trouble.message);
  } finally {
    fetching = false;
  }
}

function settle() {
  showTicks();
  remember();
  tell();
  const all = pages();
  const middle = all.findIndex((body) => body.getBoundingClientRect().bottom > box.getBoundingClientRect().top);
  all.forEach((body, at) => { if (Math.abs(at - Math.max(middle, 0)) > KEPT / 2) fold(body); });
}

function fold(body) {
  if (body.dataset.folded || body.querySelector("form") || body.contains(document.activeElement)) return;
  const height = body.getBoundingClientRect().height;
  const row = fragment('<tr class="folded" aria-hidden="true"><td></td></tr>').firstChild;
  row.firstChild.colSpan = table.tHead.rows[0].cells.length;
  row.firstChild.style.height = `${height}px`;
  body.dataset.folded = "yes";
  body.replaceChildren(row);
}

async function unfold(body) {
  if (body.dataset.folded !== "yes") return;
  body.dataset.folded = "coming";
  try {
    const answer = await get(body.dataset.url ?? own() + body.dataset.page);
    if (!answer.ok) throw new Trouble(await said(answer));
    body.replaceChildren(...fragment(await answer.text()).firstElementChild.rows);
    delete body.dataset.folded;
    showTicks();
  } catch (trouble) {
    body.dataset.folded = "yes";
    announce(trouble.message);
  }
}

const reaches = () => table.getBoundingClientRect().bottom < Math.min(innerHeight, box.getBoundingClientRect().bottom) + 600;
const near = { root: null, rootMargin: "800px" };
const folds = new IntersectionObserver((entries) => { for (const { isIntersecting, target } of entries) if (isIntersecting) unfold(target); }, near);
const watch = (body) => folds.observe(body);

if (box) {
  pages().forEach(watch);
  remember();
  const look = () => { if (reaches()) grow(); };
  box.addEventListener("scroll", look, { passive: true });
  addEventListener("scroll", look, { passive: true });
  box.addEventListener("isthmus:grid-trouble", ({ detail }) => wait(detail));
}
