// ? lists the shortcuts; / goes to the search field; g and a letter follows the navigation item that has it.
const dialog = document.getElementById("shortcuts-dialog");
let going = 0;

const typing = (target) => target.closest?.("input, textarea, select, [contenteditable], dialog");

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || typing(event.target)) return;
  if (event.key === "?") return dialog?.showModal();
  if (event.key === "g") { going = event.timeStamp; return; }
  if (going && event.timeStamp - going < 1500) {
    going = 0;
    document.querySelector(`[data-key="${CSS.escape(event.key)}"]`)?.click();
    return;
  }
  const search = event.key === "/" && document.querySelector("[data-search]");
  if (search) {
    event.preventDefault();
    search.focus();
    search.select?.();
  }
});

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-shortcuts]")) dialog?.showModal();
  if (event.target === dialog) dialog.close();
});
