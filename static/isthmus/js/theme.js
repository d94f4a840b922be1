// Runs in the head, before the first paint, so that a dark page never flashes white. Not a module for that reason.
(() => {
  const root = document.documentElement;
  const dark = matchMedia("(prefers-color-scheme: dark)");

  const chosen = () => {
    try {
      return localStorage.getItem("isthmus-theme") || "auto";
    } catch {
      return "auto"; // storage may be forbidden; the system's preference still works
    }
  };

  const paint = () => {
    const theme = chosen();
    root.dataset.bsTheme = theme === "auto" ? (dark.matches ? "dark" : "light") : theme;
    root.dataset.themeChoice = theme;
  };

  paint();
  dark.addEventListener("change", paint);
  addEventListener("storage", paint);
  addEventListener("isthmus:theme", paint);
  addEventListener("beforeprint", () => { root.dataset.bsTheme = "light"; });
  addEventListener("afterprint", paint);
})();
