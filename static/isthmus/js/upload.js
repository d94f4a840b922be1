// <form data-upload>: sends a file in pieces, shows how far it is, pauses, and goes on after a break.
import { announce } from "./announce.js";

const token = document.querySelector('meta[name="csrf-token"]')?.content;
const TRIES = 4;
const paused = new WeakSet();
const busy = new WeakSet();
const key = (form, file) => `isthmus:upload:${form.action}:${file.name}:${file.size}:${file.lastModified}`;
const size = (bytes) => (bytes < 1048576 ? `${Math.ceil(bytes / 1024)} KB` : `${(bytes / 1048576).toFixed(1)} MB`);
const wait = (seconds) => new Promise((resolve) => setTimeout(resolve, seconds * 1000));

async function ask(address, options = {}) {
  const answer = await fetch(address, { ...options, headers: { Accept: "application/json", "X-CSRFToken": token, ...options.headers } });
  const told = (answer.headers.get("Content-Type") ?? "").includes("json") ? await answer.json() : {};
  if (answer.ok) return told;
  throw Object.assign(new Error([told.detail, told.advice].filter(Boolean).join(" ") || "The server did not take it."), { status: answer.status });
}

// What was begun before is gone on with, if the server still knows it.
async function begun(form, file) {
  const before = localStorage.getItem(key(form, file));
  if (before) {
    try {
      return await ask(`${form.dataset.pieces}${before}/`);
    } catch (error) {
      if (error.status !== 404) throw error;
      localStorage.removeItem(key(form, file));
    }
  }
  const told = await ask(form.action, { method: "POST", body: new URLSearchParams({ name: file.name, size: file.size }) });
  localStorage.setItem(key(form, file), told.transfer);
  return told;
}

async function send(form, file, told) {
  let at = told.received;
  for (let failed = 0; at < file.size; ) {
    if (paused.has(form)) return false;
    show(form, at, file.size);
    try {
      const body = file.slice(at, at + told.piece);
      const next = await ask(`${form.dataset.pieces}${told.transfer}/?start=${at}`, { method: "POST", body, headers: { "Content-Type": "application/octet-stream" } });
      at = next.received;
      failed = 0;
      if (next.done) break;
    } catch (error) {
      if (error.status && error.status < 500 && error.status !== 409 && error.status !== 429) throw error;
      failed += 1;
      if (failed === TRIES) throw error;
      await wait(failed);
      try {
        at = (await ask(`${form.dataset.pieces}${told.transfer}/`)).received;
      } catch (lost) {
        if (lost.status === 404) throw lost;
      }
    }
  }
  show(form, file.size, file.size);
  return true;
}

function show(form, at, total) {
  form.querySelector("[data-upload-bar]").hidden = false;
  form.querySelector("progress").value = total ? at / total : 0;
  form.querySelector("[data-upload-text]").textContent = `${size(at)} of ${size(total)}`;
}

function complain(form, text) {
  const place = form.querySelector("[data-upload-error]");
  place.textContent = text;
  place.hidden = !text;
}

// Why a file cannot go, which is known before any of it is sent.
function wrong(form, file) {
  const limit = Number(form.dataset.limit);
  if (file.size > limit) return `This file has ${size(file.size)}; at most ${size(limit)} fit.`;
  return file.size === 0 ? "This file is empty." : "";
}

async function run(form) {
  const file = form.querySelector("input[type=file]").files[0];
  if (!file || busy.has(form)) return;
  complain(form, wrong(form, file));
  if (wrong(form, file)) return;
  busy.add(form);
  paused.delete(form);
  const pause = form.querySelector("[data-upload-pause]");
  pause.hidden = false;
  try {
    if (await send(form, file, await begun(form, file))) {
      localStorage.removeItem(key(form, file));
      announce(`${file.name} is uploaded.`);
      location.reload();
    } else {
      form.querySelector("[data-upload-text]").textContent += " · paused; Upload goes on";
    }
  } catch (error) {
    complain(form, `${error.message} Press Upload to go on.`);
  } finally {
    busy.delete(form);
    pause.hidden = true;
  }
}

// Before busy.js, which would take the form for one that leaves the page.
document.addEventListener(
  "submit",
  (event) => {
    if (!event.target.matches?.("form[data-upload]")) return;
    event.preventDefault();
    run(event.target);
  },
  true,
);
document.addEventListener("change", ({ target }) => {
  const form = target.closest?.("form[data-upload]");
  if (form && target.type === "file") complain(form, target.files[0] ? wrong(form, target.files[0]) : "");
});
document.addEventListener("click", ({ target }) => {
  const pause = target.closest?.("[data-upload-pause]");
  if (pause) paused.add(pause.form);
});
