// <tr data-href="…">: a click anywhere on the row opens it. The link inside stays, for the keyboard and for new tabs.
document.addEventListener("click", (event) => {
  const row = event.target.closest("tr[data-href]");
  const busy = event.target.closest("a, button, input, select, textarea, label, summary");
  if (!row || busy || event.button !== 0 || String(getSelection())) return;
  if (event.metaKey || event.ctrlKey) open(row.dataset.href, "_blank", "noopener");
  else location.assign(row.dataset.href);
});
