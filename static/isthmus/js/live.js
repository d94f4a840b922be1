// Live regions are morphed into their next state. What the reader opened stays open, and local times stay local.
htmx.registerExtension("isthmus-live", {
  htmx_before_morph_attr: (element, { attrName }) => {
    if (attrName === "open" && element.matches("details, dialog")) return false;
    if (attrName === "tabindex" && element.matches(".table-scroll, .table-responsive, .code pre")) return false;
    return attrName !== "data-sent"; // a form on its way stays so
  },
});
