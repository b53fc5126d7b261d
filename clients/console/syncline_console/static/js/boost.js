// Links and forms without a full load: focus and scroll stay, notices are read out, nothing is
// posted twice, and what could not be sent says so. Without this file the browser does it all.

import { isUnsaved, settle } from "./morph.js";
import { NotSent, fetched, isShared, show } from "./visiting.js";

const posting = new WeakSet(); // forms that are on their way
let loading = null; // what ends the load under way, when somebody goes elsewhere meanwhile
let here = location.href.split("#")[0];
let entry = history.state?.entry ?? Date.now(); // of the history, whose page is shown
let isAnswer = false; // whether that is another page than the one at its address, made by a form
let isStaying = false; // whether somebody who went back is being led here again

history.scrollRestoration = "manual";
scrollTo(0, history.state?.scroll ?? scrollY);
history.replaceState({ ...history.state, entry }, "");

document.addEventListener("click", (event) => {
  const link = event.target.closest?.("a[href]");
  if (!link || event.defaultPrevented || event.button || event.metaKey || event.ctrlKey) return;
  if (event.shiftKey || event.altKey || link.target || link.download || !isShared(link.href)) return;
  const url = new URL(link.href);
  if (url.hash && url.href.split("#")[0] === here) return;
  event.preventDefault();
  go(link.href, {}, link);
});

document.addEventListener("submit", (event) => {
  const { target: form, submitter } = event;
  const address = submitter?.getAttribute("formaction") ?? form.getAttribute("action") ?? here;
  if (event.defaultPrevented || !isShared(address) || form.target) return;
  event.preventDefault();
  if (posting.has(form)) return;
  const fields = new URLSearchParams(new FormData(form, submitter));
  const url = new URL(address, location.href);
  if (form.method === "post") go(url.href, { method: "POST", body: fields }, form);
  else {
    url.search = fields;
    go(url.href, {}, form);
  }
});

async function go(address, options, cause) {
  const isPost = options.method === "POST";
  if (!isPost) {
    if (!mayLeave()) return;
    loading?.abort();
    loading = new AbortController();
    options.signal = loading.signal;
  }
  mark(cause, true);
  try {
    const found = await fetched(address, options);
    const url = found.moved ? found.url : address;
    if (!found.page) {
      // A way to a page of ours is the answer to a form that was taken, whatever became of the page.
      if (isPost && found.moved && isShared(url)) release(cause);
      else if (isPost) tell("This may not be saved – Syncline did not answer as it should. Stay to try again.");
      return location.assign(isPost && !found.moved ? here : url);
    }
    if (isPost) settle(cause.elements);
    await arrive(found, isPost && !found.moved ? null : withHash(url, address), isPost);
  } catch (error) {
    if (error.name === "AbortError") return;
    if (!(error instanceof NotSent)) throw error;
    tell(isPost ? "Not sent – try again. Syncline could not be reached." : "Not loaded – try again. Syncline could not be reached.");
  } finally {
    mark(cause, false);
  }
}

function unsaved() {
  return [...document.querySelectorAll("form[data-unsaved]")].filter(isUnsaved);
}

// Whoever agrees has let go of it: nobody is asked twice while the next page is on its way.
function mayLeave() {
  const forms = unsaved();
  const may = !forms.length || confirm("What you changed here is not saved yet. Go on without saving it?");
  if (may) forms.forEach(release);
  return may;
}

function release(form) {
  settle(form.elements);
  if (form.dataset.unsaved) form.dataset.unsaved = "";
}

// A page that answers a form without leading elsewhere has no address of its own: it is the form
// again, or another page in its place, from which there is a way back.
async function arrive(found, address, isPost) {
  const isSame = address ? !isAnswer && pathOf(address) === pathOf(here) : found.page.title === document.title;
  history.replaceState({ ...history.state, scroll: scrollY }, "");
  await show(found, !isSame, isPost);
  closeMenu();
  if (address ? address !== location.href : !isSame) {
    entry = Math.max(Date.now(), entry + 1); // also where a clock was put back
    history.pushState({ entry }, "", address ?? location.href);
  }
  isAnswer = !address && (isAnswer || !isSame);
  if (address) here = address.split("#")[0];
  if (!isSame) return enter(address ? new URL(address).hash : "");
  if (document.activeElement === document.body) focusMain();
  // What is said on top of the page stays in sight; what the form says of itself is looked at.
  if (isPost) document.querySelector("#main [role=alert]")?.scrollIntoView({ block: "nearest" });
}

function closeMenu() {
  document.querySelector(".top-person")?.removeAttribute("open");
}

function enter(hash) {
  const target = hash && document.getElementById(decodeURIComponent(hash.slice(1)));
  focusMain();
  if (target) target.scrollIntoView();
  else scrollTo(0, 0);
}

function focusMain() {
  document.getElementById("main")?.focus({ preventScroll: true });
}

function mark(cause, busy) {
  if (cause.localName !== "form") return;
  if (busy) posting.add(cause);
  else posting.delete(cause);
  if (busy) cause.setAttribute("aria-busy", "true");
  else cause.removeAttribute("aria-busy");
  // Not `disabled`: that would take the focus away.
  for (const button of cause.querySelectorAll("button:not([type=button])")) {
    if (busy && !button.hasAttribute("aria-disabled")) {
      button.setAttribute("aria-disabled", "true");
      button.setAttribute("data-sending", "");
    } else if (!busy && button.hasAttribute("data-sending")) {
      button.removeAttribute("aria-disabled");
      button.removeAttribute("data-sending");
    }
  }
}

function tell(words) {
  const notice = document.createElement("div");
  notice.className = "notice notice-error";
  const text = document.createElement("p");
  text.textContent = words;
  notice.append(text);
  document.getElementById("notices")?.replaceChildren(notice);
  notice.scrollIntoView({ block: "nearest" });
}

function withHash(url, asked) {
  const hash = new URL(asked, location.href).hash;
  return hash && !url.includes("#") ? url + hash : url;
}

function pathOf(address) {
  return new URL(address, location.href).pathname;
}

// Back and forward ask anew: nothing old is shown, and no notice twice.
async function comeBack(state) {
  loading?.abort();
  loading = new AbortController();
  try {
    const found = await fetched(location.href, { signal: loading.signal });
    if (!found.page || found.moved) return reload();
    const isSame = !isAnswer && pathOf(here) === location.pathname;
    await show(found, !isSame, false);
    closeMenu();
    here = location.href.split("#")[0];
    isAnswer = false;
    scrollTo(0, state?.scroll ?? 0);
    if (!isSame) focusMain();
  } catch (error) {
    if (error.name !== "AbortError") reload();
  }
}

function reload() {
  unsaved().forEach(release);
  location.reload();
}

// The browser has gone by the time it tells: whoever stays after all is led here again, an entry
// of the history at a time, as entries tell their order and not how many lie between.
function travel(state) {
  isStaying ||= !mayLeave();
  if (isStaying) return history.go(state.entry < entry ? 1 : -1);
  entry = state.entry;
  comeBack(state);
}

addEventListener("popstate", ({ state }) => {
  if (state?.entry && state.entry !== entry) return travel(state);
  isStaying = false;
  // A new entry that has no number is a place on the page that is shown.
  if (!state?.entry) history.replaceState({ ...state, entry }, "");
});
addEventListener("beforeunload", (event) => {
  if (unsaved().length) event.preventDefault();
});
addEventListener("pageshow", ({ persisted }) => persisted && comeBack(history.state));
addEventListener("pagehide", () => history.replaceState({ ...history.state, scroll: scrollY }, ""));
