// Work on many records: a value that is touched is ticked; a file that is too large is said to be so before it travels.
document.addEventListener("input", ({ target }) => {
  const item = target.closest?.(".change-item");
  const tick = item?.querySelector(":scope > .form-check-input");
  if (tick && target !== tick) tick.checked = true;
});

document.addEventListener("change", ({ target }) => {
  if (!target.matches?.("input[type=file][data-largest]")) return;
  const tooLarge = (target.files[0]?.size ?? 0) > Number(target.dataset.largest) * 1024 * 1024;
  target.closest(".field").querySelector("[data-too-large]").hidden = !tooLarge;
  target.setCustomValidity(tooLarge ? "This file is too large." : "");
});
