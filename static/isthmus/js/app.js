// Everything a page does beyond links and forms. Each module listens on the document, so what htmx brings works too.
import { announce } from "./announce.js";
import "./requests.js";
import "./live.js";
import "./theme-choice.js";
import "./confirm.js";
import "./busy.js";
import "./copy.js";
import "./rows.js";
import "./filter.js";
import "./unsaved.js";
import "./drafts.js";
import "./shortcuts.js";
import "./messages.js";
import { watchScrollers } from "./scrollers.js";
import { showTimes } from "./times.js";

const refresh = () => {
  showTimes();
  watchScrollers();
};

refresh();
document.addEventListener("htmx:after:swap", refresh);
document.addEventListener("isthmus:announce", (event) => announce(event.detail));
