// A box that scrolls sideways must be reachable by keyboard; one that does not should not be a stop.
const seen = new WeakSet();

const mark = (box) => {
  const scrolls = box.scrollWidth > box.clientWidth + 1;
  if (scrolls) box.tabIndex = 0;
  else box.removeAttribute("tabindex");
};

const observer = new ResizeObserver((entries) => entries.forEach(({ target }) => mark(target)));

export function watchScrollers() {
  for (const box of document.querySelectorAll(".table-scroll, .table-responsive, .code pre")) {
    mark(box);
    if (!seen.has(box)) {
      seen.add(box);
      observer.observe(box);
    }
  }
}
