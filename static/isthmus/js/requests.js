// What every htmx request carries, and what happens when none gets through.
import { announce } from "./announce.js";

const token = document.querySelector('meta[name="csrf-token"]')?.content;

document.addEventListener("htmx:config:request", ({ detail: { ctx } }) => {
  if (ctx.request.method !== "GET" && token) ctx.request.headers["X-CSRFToken"] = token;
});

// A signed-out session answers a fragment with the sign-in page; showing that inside a page helps nobody.
document.addEventListener("htmx:before:response", (event) => {
  const { raw } = event.detail.ctx.response;
  if (raw.redirected && new URL(raw.url).pathname === document.body.dataset.signIn) {
    event.preventDefault();
    location.reload();
  }
});

document.addEventListener("htmx:error", (event) => {
  const source = event.detail.ctx?.sourceElement;
  source?.closest("[data-live]")?.setAttribute("data-live", "waiting");
  announce("The server could not be reached. Trying again.");
});
