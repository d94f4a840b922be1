// From record to record as the list had them: the grid leaves its trail, this goes along it. j and k do the same.
const nav = document.querySelector("[data-record-steps]");
const key = nav && `isthmus-trail:${nav.dataset.base}`;
const trail = (() => {
  try { return JSON.parse(sessionStorage.getItem(key)); } catch { return null; }
})();
const at = trail?.ids.indexOf(nav.dataset.id) ?? -1;
const link = (step) => nav.querySelector(`[data-step="${step}"]`);

async function longer() {
  if (!trail.next) return;
  const answer = await fetch(`${nav.dataset.base}${trail.next}`, { headers: { "HX-Request": "true" } });
  if (!answer.ok) return;
  const template = document.createElement("template");
  template.innerHTML = await answer.text();
  const body = template.content.querySelector("tbody");
  if (!body) return;
  trail.ids.push(...[...body.rows].map((row) => row.dataset.id));
  trail.next = body.dataset.next;
  sessionStorage.setItem(key, JSON.stringify(trail));
}

function show() {
  for (const step of [-1, 1]) {
    const id = trail.ids[at + step];
    if (id) link(step).href = `${nav.dataset.base}${id}/${location.search}`;
    link(step).classList.toggle("disabled", !id);
    link(step).toggleAttribute("aria-disabled", !id);
  }
  nav.querySelector("[data-step-place]").textContent = `${at + 1} of ${trail.ids.length}${trail.next ? "+" : ""}`;
  nav.hidden = false;
}

if (at >= 0) {
  if (at === trail.ids.length - 1) longer().then(show, show);
  else show();
  document.addEventListener("keydown", (event) => {
    const step = { k: -1, j: 1 }[event.key];
    if (!step || event.ctrlKey || event.metaKey || event.altKey || event.target.closest?.("input, textarea, select, dialog")) return;
    if (link(step).href) link(step).click();
  });
}
