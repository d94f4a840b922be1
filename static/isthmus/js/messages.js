// A message goes when it is told to. None goes by itself: nobody should have to read fast.
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-dismiss]");
  if (!button) return;
  const message = button.closest(".message");
  const list = message.parentElement;
  message.remove();
  if (!list.children.length) list.remove();
  document.getElementById("content")?.focus();
});
