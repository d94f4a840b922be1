// <form data-unsent>: came back from the server with what somebody typed in it. It is not saved before it is sent again.
for (const form of document.querySelectorAll("form[data-unsent]")) {
  let waiting = true;
  form.querySelector("[data-unsaved]")?.removeAttribute("hidden");
  form.addEventListener("submit", () => { waiting = false; });
  // Pressing the button that throws it away is an answer already.
  form.querySelector("a[data-discard]")?.addEventListener("click", () => { waiting = false; });
  addEventListener("beforeunload", (event) => {
    if (waiting) event.preventDefault();
  });
}
