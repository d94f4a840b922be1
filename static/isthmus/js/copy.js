// data-copy="text" copies that text; data-copy-from="#id" copies what that element shows.
import { announce } from "./announce.js";

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy], [data-copy-from]");
  if (!button) return;
  const { copy, copyFrom } = button.dataset;
  const text = copyFrom ? document.querySelector(copyFrom)?.textContent ?? "" : copy;
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    announce("Copying was not allowed by the browser.");
    return;
  }
  button.classList.add("copied");
  announce("Copied");
  setTimeout(() => button.classList.remove("copied"), 1500);
});
