// Work on many records: a value that is touched is ticked; a file that is too large, or no table, is said to be so before
// it travels.
document.addEventListener("input", ({ target }) => {
  const item = target.closest?.(".change-item");
  const tick = item?.querySelector(":scope > .form-check-input");
  if (tick && target !== tick) tick.checked = true;
});

document.addEventListener("change", ({ target }) => {
  if (!target.matches?.("input[type=file][data-largest]")) return;
  const file = target.files[0];
  const field = target.closest(".field");
  const tooLarge = (file?.size ?? 0) > Number(target.dataset.largest) * 1024 * 1024;
  const noTable = Boolean(file) && !isTable(file, target.accept.split(","));
  field.querySelector("[data-too-large]").hidden = !tooLarge;
  field.querySelector("[data-no-table]").hidden = !noTable;
  target.setCustomValidity(tooLarge ? "This file is too large." : noTable ? "This is neither CSV nor Excel (.xlsx) nor JSON." : "");
});

// A text may have any ending; its columns are found out.
function isTable({ name, type }, endings) {
  return endings.some((ending) => name.toLowerCase().endsWith(ending)) || type.startsWith("text/");
}
