// The lists of entities and attributes: "selected only", how many are chosen, and names for what is chosen.
const announceCount = (form) => {
  const place = form.querySelector("[data-chosen-count]");
  if (place) place.textContent = form.querySelectorAll("[data-choose]:checked").length;
};

function follow(box) {
  const called = box.closest("tr")?.querySelector("[data-called]");
  if (called) called.disabled = !box.checked;
}

function access(form) {
  const way = form.querySelector('[name="access"]:checked')?.value;
  const single = form.querySelector('[name="operation"][value="create"]');
  const creating = way === "read_write" || (way === "single" && single?.checked);
  for (const box of form.querySelectorAll("[data-mandatory]")) {
    box.disabled = creating;
    if (creating) box.checked = true;
    follow(box);
  }
}

document.addEventListener("change", (event) => {
  const form = event.target.closest("form[data-chooser]");
  if (!form) return;
  if (event.target.matches("[data-only-chosen]")) {
    form.querySelector("#choices").classList.toggle("only-chosen", event.target.checked);
  }
  if (event.target.matches("[name=access], [name=operation]")) access(form);
  // "Select all" changes many boxes at once, after this listener or before it.
  queueMicrotask(() => {
    form.querySelectorAll("[data-choose]").forEach(follow);
    announceCount(form);
  });
});

for (const form of document.querySelectorAll("form[data-chooser]")) {
  if (form.querySelector('[name="access"]')) access(form);
  announceCount(form);
}
