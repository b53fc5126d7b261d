// Fetches pages of ours and shows them in place of the one that is open.

import { heardFrom } from "./clock.js";
import { morph } from "./morph.js";

/** A page that did not arrive. */
export class NotSent extends Error {}

/**
 * Return a page: its document and where it was in the end. `null` when it is none of ours; the
 * browser shows it itself then. With `peek` nobody asked for it: notices wait on, and it is no use
 * of the session.
 */
export async function fetched(url, { peek = false, ...options } = {}) {
  const headers = { Accept: "text/html", ...(peek && { "Syncline-Peek": "1" }) };
  let response, text, at;
  try {
    response = await fetch(url, { ...options, headers, cache: "no-store" });
    at = Date.now();
    text = await response.text();
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new NotSent();
  }
  const kind = response.headers.get("content-type") ?? "";
  const page = new DOMParser().parseFromString(text, "text/html");
  const isOurs = kind.startsWith("text/html") && isShared(response.url) && page.getElementById("main");
  return { page: isOurs ? page : null, url: response.url, moved: response.redirected, at };
}

/** Whether an address is a page of a workspace: these share their frame. Others load as a whole. */
export function isShared(address) {
  const url = new URL(address, location.href);
  return url.origin === location.origin && url.pathname.startsWith("/workspaces/");
}

/**
 * Show a page; `anew` is a page that is another one, on which nothing stays. Of the same one, what
 * somebody typed stays with `keep`, and is as the server says without.
 */
export async function show({ page, at }, anew, keep = true) {
  await dress(page);
  heardFrom(page, at);
  document.title = page.title;
  for (const selector of [".top", "#main"]) {
    const [old, fresh] = [document.querySelector(selector), page.querySelector(selector)];
    if (!old || !fresh) continue;
    if (anew && selector === "#main") keepNotices(old, fresh);
    else morph(old, document.adoptNode(fresh), keep);
  }
  document.dispatchEvent(new Event("syncline:page"));
}

// Replaces everything but the region for notices: one that is made anew is not read out.
function keepNotices(old, fresh) {
  const [region, told] = [old.querySelector("#notices"), fresh.querySelector("#notices")];
  if (region && told) {
    region.replaceChildren(...told.childNodes);
    const after = [...told.parentNode.childNodes];
    const place = after.indexOf(told);
    for (const each of [...region.parentNode.childNodes]) if (each !== region) each.remove();
    region.before(...after.slice(0, place));
    region.after(...after.slice(place + 1));
  } else old.replaceChildren(...fresh.childNodes);
  document.dispatchEvent(new Event("syncline:drawn"));
}

// Loads the page's own style sheets and scripts, and lets go of sheets that it does not have.
async function dress(page) {
  const wanted = [...page.querySelectorAll('link[rel="stylesheet"]')];
  const there = [...document.querySelectorAll('link[rel="stylesheet"]')];
  const has = (all, link) => all.some((each) => each.getAttribute("href") === link.getAttribute("href"));
  await Promise.all(wanted.filter((link) => !has(there, link)).map(loaded));
  for (const link of there) if (!has(wanted, link)) link.remove();
  for (const script of page.querySelectorAll("script[src]")) {
    const src = script.getAttribute("src");
    if ([...document.scripts].some((each) => each.getAttribute("src") === src)) continue;
    const added = document.createElement("script");
    Object.assign(added, { type: script.type, src });
    document.head.append(added);
  }
}

function loaded(link) {
  const added = document.createElement("link");
  Object.assign(added, { rel: "stylesheet", href: link.getAttribute("href") });
  return new Promise((done) => {
    added.onload = added.onerror = done;
    document.head.append(added);
  });
}
