// data-confirm="…" on a submit button or a form, and hx-confirm, ask in a dialog of ours.
const dialog = document.getElementById("confirm-dialog");

/** Resolves to true when the person agrees; Escape and the backdrop mean no. */
function ask({ title, text, label, danger }) {
  dialog.querySelector("[data-confirm-title]").textContent = title || "Are you sure?";
  dialog.querySelector("[data-confirm-text]").textContent = text || "";
  const yes = dialog.querySelector("[data-confirm-yes]");
  yes.textContent = label || "Continue";
  yes.classList.toggle("btn-danger-solid", danger);
  yes.classList.toggle("btn-primary", !danger);
  dialog.returnValue = "";
  dialog.showModal();
  dialog.querySelector("[data-confirm-no]").focus();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
  });
}

const wishOf = (element) => ({
  title: element.dataset.confirmTitle,
  text: element.dataset.confirm,
  label: element.dataset.confirmLabel || element.textContent.trim(),
  danger: "confirmDanger" in element.dataset,
});

const agreed = new WeakSet();

document.addEventListener("submit", async (event) => {
  const asker = event.submitter?.closest("[data-confirm]") ?? event.target.closest("form[data-confirm]");
  if (!dialog || !asker || agreed.delete(event.target)) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  if (await ask(wishOf(asker))) {
    agreed.add(event.target);
    event.target.requestSubmit(event.submitter);
  }
}, { capture: true });

document.addEventListener("htmx:confirm", async (event) => {
  const { ctx, issueRequest, dropRequest } = event.detail;
  event.preventDefault();
  const source = ctx.sourceElement;
  const wish = { ...wishOf(source), text: ctx.confirm };
  (await ask(wish)) ? issueRequest() : dropRequest();
});

dialog?.addEventListener("click", (event) => {
  if (event.target === dialog) dialog.close();
});
