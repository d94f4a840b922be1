// The three buttons light, system, dark.
const buttons = () => document.querySelectorAll("[data-theme-choice-value]");

function show() {
  const choice = document.documentElement.dataset.themeChoice;
  for (const button of buttons()) {
    button.setAttribute("aria-pressed", String(button.dataset.themeChoiceValue === choice));
  }
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-theme-choice-value]");
  if (!button) return;
  try {
    localStorage.setItem("isthmus-theme", button.dataset.themeChoiceValue);
  } catch {
    return; // nowhere to remember it
  }
  dispatchEvent(new Event("isthmus:theme"));
  show();
});

show();
