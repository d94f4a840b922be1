// A form that is on its way is not sent twice, and its button says that something happens.
// data-again on a form allows it: one that answers with a download leaves the page where it is.
document.addEventListener("submit", (event) => {
  const { target: form, submitter } = event;
  if (event.defaultPrevented || form.method !== "post" || form.target || "again" in form.dataset) return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "yes";
  submitter?.classList.add("busy");
  submitter?.setAttribute("aria-disabled", "true");
});

// Coming back by the back button brings the page as it was left.
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) {
    delete form.dataset.sent;
    for (const button of form.querySelectorAll(".busy")) {
      button.classList.remove("busy");
      button.removeAttribute("aria-disabled");
    }
  }
});
