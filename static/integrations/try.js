// The API docs' forms: they send what a program would send, with the key that was typed into the page.
import { announce } from "../isthmus/js/announce.js";

const key = () => document.querySelector("[data-try-key]").value.trim();

function request(form) {
  const { method, address } = form.dataset;
  let path = form.dataset.path;
  const query = new URLSearchParams();
  const headers = { Accept: "application/json" };
  for (const input of form.querySelectorAll("[data-place]")) {
    const { place, name } = input.dataset;
    const value = input.value.trim();
    if (place === "path") path = path.replace(`{${name}}`, encodeURIComponent(value || input.placeholder));
    else if (value && place === "query") query.set(name, value);
    else if (value) headers[name] = value;
  }
  const body = form.querySelector("[data-body]");
  const file = form.querySelector("[data-file]")?.files[0];
  if (body) headers["Content-Type"] = "application/json";
  if (file) headers["Content-Type"] = "application/octet-stream";
  const asked = query.toString();
  return { method, headers, url: `${address}${path}${asked ? `?${asked}` : ""}`, body: file ?? body?.value };
}

function line(tag, css, text) {
  const element = document.createElement(tag);
  element.className = css;
  element.textContent = text;
  return element;
}

async function shown(answer, took) {
  const tone = answer.status < 400 ? "ok" : answer.status < 500 ? "warn" : "bad";
  const head = line("p", "api-status", "");
  head.append(line("span", `state tone-${tone}`, `${answer.status} ${answer.statusText}`.trim()));
  head.append(line("span", "muted", `${took} ms`));
  const ids = ["X-Request-Id", "X-Ms-Request-Id", "ETag", "Location", "Retry-After"];
  const named = ids.filter((name) => answer.headers.get(name)).map((name) => `${name}: ${answer.headers.get(name)}`);
  const text = await answer.text();
  const parts = [head, line("pre", "api-headers", named.join("\n"))];
  if (text) parts.push(line("pre", "api-body", pretty(text)));
  parts.forEach((part) => part.matches("pre") && part.setAttribute("tabindex", "0"));
  return parts;
}

// Only laid out anew: parsing and writing it again would round large numbers.
function pretty(text) {
  let depth = 0;
  return text.replace(/"(?:[^"\\]|\\.)*"|[{}[\],:]|[^"{}[\],:\s]+|\s+/g, (token) => {
    const fresh = () => `\n${"  ".repeat(depth)}`;
    if (token === "{" || token === "[") { depth += 1; return token + fresh(); }
    if (token === "}" || token === "]") { depth -= 1; return fresh() + token; }
    if (token === ",") return token + fresh();
    if (token === ":") return ": ";
    return token.trim() ? token : "";
  }).replace(/([{[])\s+([}\]])/g, "$1$2");
}

function quoted(text) {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

document.addEventListener("submit", async (event) => {
  const form = event.target.closest("form[data-try]");
  if (!form) return;
  event.preventDefault();
  const place = form.parentElement.querySelector("[data-answer]");
  if (!key()) {
    place.replaceChildren(line("p", "field-error", "Put your key into the field above first."));
    document.querySelector("[data-try-key]").focus();
    return;
  }
  const { method, url, headers, body } = request(form);
  const button = form.querySelector("button:not([type])");
  button.disabled = true;
  const started = performance.now();
  try {
    const sent = { method, headers: { ...headers, Authorization: `Bearer ${key()}` }, credentials: "omit", body };
    const answer = await fetch(url, sent);
    place.replaceChildren(...(await shown(answer, Math.round(performance.now() - started))));
  } catch {
    place.replaceChildren(line("p", "field-error", "The request did not get through."));
  } finally {
    button.disabled = false;
  }
});

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-as-curl]");
  if (!button) return;
  const { method, url, headers, body } = request(button.closest("form"));
  const parts = [`curl -X ${method} ${quoted(url)}`, '-H "Authorization: Bearer $ISTHMUS_KEY"'];
  for (const [name, value] of Object.entries(headers)) parts.push(`-H ${quoted(`${name}: ${value}`)}`);
  if (typeof body === "string") parts.push(`-d ${quoted(body)}`);
  if (body instanceof File) parts.push(`--data-binary @${quoted(body.name)}`);
  try {
    await navigator.clipboard.writeText(parts.join(" \\\n  "));
    announce("Copied");
  } catch {
    announce("Copying was not allowed by the browser.");
  }
});
