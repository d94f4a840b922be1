// <time data-when> arrives as UTC text and is shown in the reader's zone; <span data-since> counts while it runs.
const relative = new Intl.RelativeTimeFormat(document.documentElement.lang || "en", { numeric: "auto" });
const absolute = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });
const short = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
const day = new Intl.DateTimeFormat(undefined, { dateStyle: "medium" });
const UNITS = [["day", 86400], ["hour", 3600], ["minute", 60], ["second", 1]];

function ago(moment) {
  const seconds = (moment - Date.now()) / 1000;
  if (Math.abs(seconds) > 30 * 86400) return day.format(moment);
  if (Math.abs(seconds) < 5) return relative.format(0, "second");
  const [unit, size] = UNITS.find(([, length]) => Math.abs(seconds) >= length) ?? ["second", 1];
  return relative.format(Math.trunc(seconds / size), unit);
}

const forms = { relative: ago, datetime: (moment) => short.format(moment), date: (moment) => day.format(moment) };

/** The same wording as the server's `duration` filter. */
export function length(seconds) {
  if (seconds < 60) return `${Math.floor(seconds)} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${Math.floor(seconds % 60)} s`;
  return `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min`;
}

function put(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

export function showTimes() {
  for (const element of document.querySelectorAll("time[data-when]")) {
    const moment = new Date(element.dateTime);
    if (Number.isNaN(moment.valueOf())) continue;
    put(element, forms[element.dataset.when](moment));
    element.title = absolute.format(moment);
  }
  for (const element of document.querySelectorAll("[data-since]")) {
    const seconds = (Date.now() - new Date(element.dataset.since)) / 1000;
    put(element, length(Math.max(0, seconds)));
  }
}

setInterval(() => { if (!document.hidden) showTimes(); }, 1000);
