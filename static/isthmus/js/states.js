// <select data-reasons-of="statecode">: offers the status reasons of the chosen status only. The server judges them anyway.
const partner = (reasons) => reasons.form?.elements[reasons.dataset.reasonsOf];

function narrow(reasons, choose) {
  const state = partner(reasons)?.value ?? "";
  const suits = ({ dataset }) => !state || !dataset.state || dataset.state === state;
  for (const option of reasons.options) option.hidden = option.disabled = !suits(option) && (choose || !option.selected);
  const now = reasons.selectedOptions[0];
  if (!choose || !state || (now?.value && suits(now))) return;
  // The first is the usual one.
  const usual = [...reasons.options].find((option) => option.dataset.state === state);
  if (!usual) return;
  usual.selected = true;
  for (const kind of ["input", "change"]) reasons.dispatchEvent(new Event(kind, { bubbles: true }));
}

document.addEventListener("change", ({ target }) => {
  for (const reasons of document.querySelectorAll("select[data-reasons-of]")) if (partner(reasons) === target) narrow(reasons, true);
});
for (const reasons of document.querySelectorAll("select[data-reasons-of]")) narrow(reasons, false);
