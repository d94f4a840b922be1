// Requests that a page makes besides loading and posting: parts of pages in, changes out, and never a lost word.
let token = document.querySelector('meta[name="csrf-token"]')?.content;

/** The server did not answer, or answered with something else; `message` is for the person. */
export class Trouble extends Error {}

const SIGNED_OUT = "You have been signed out. Sign in again in another tab, then come back and try again: nothing here is lost.";

async function send(url, options) {
  let answer;
  try {
    answer = await fetch(url, options);
  } catch {
    throw new Trouble("The server could not be reached. Nothing here is lost: try again.");
  }
  if (answer.redirected && new URL(answer.url).pathname === document.body.dataset.signIn) throw new Trouble(SIGNED_OUT);
  return answer;
}

/** Signing in again gives another token; the page that asks for it is as good as any. */
async function freshToken() {
  const html = await (await send(location.href)).text();
  return new DOMParser().parseFromString(html, "text/html").querySelector('meta[name="csrf-token"]')?.content;
}

const FRAGMENT = { "HX-Request": "true" };

export const get = (url) => send(url, { headers: FRAGMENT });

export async function post(url, body) {
  const once = () => send(url, { method: "POST", body, headers: { ...FRAGMENT, "X-CSRFToken": token } });
  const answer = await once();
  if (answer.status !== 403) return answer;
  const known = token;
  token = await freshToken();
  return token === known ? answer : once();
}

/** What a problem page, or the part of one, says. */
export async function said(answer) {
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const words = page.querySelector("[data-problem], .callout, main, body")?.textContent ?? "";
  return words.replace(/\s+/g, " ").trim().slice(0, 400) || "That did not work. Try again.";
}
