// Follows what changes: live parts are merged into the page as the server sends them.

import { heard } from "./clock.js";
import { morph } from "./morph.js";
import { place } from "./places.js";
import { fetched } from "./visiting.js";

const QUIET = 25_000; // milliseconds without a word: two and a half heartbeats
const HIDDEN = 30_000; // how long a hidden window keeps its connection
const POLL = 10_000; // how often a window without a place asks
const LONGEST = 8000; // between two attempts
const SPREAD = 2000; // all windows hear of another organisation at once, and must not ask at once
const AGAIN = 5000; // after which a page is looked at again that did not come
const LOOKS = 3; // at most, for a number that a provider may never tell

let source = null;
let give = null; // gives the place back
let opening = 0; // tells attempts apart
let failures = 0;
let said = Date.now(); // when the server said something last
let turn = ""; // up to which we have heard what is said
let later = null;
let resting = null;
let looking = null; // what looks at the page again, in a while
let looks = 0; // tells these apart
let lost = false;

function parts() {
  return document.getElementById("live");
}

async function open() {
  close();
  const mine = ++opening;
  if (!parts() || document.hidden) return;
  const found = await place();
  if (mine !== opening || !parts()) return found?.();
  give = found;
  const { live, shows } = parts().dataset;
  const once = give ? "" : "&once=1";
  const since = turn && !failures ? `&turn=${turn}` : "";
  source = new EventSource(`${live}?shows=${shows}${once}${since}`);
  said = Date.now();
  source.addEventListener("clock", ({ data }) => heard(Number(data)));
  for (const kind of ["clock", "say"]) {
    source.addEventListener(kind, ({ lastEventId }) => (turn = lastEventId));
  }
  source.addEventListener("part", ({ data }) => draw(JSON.parse(data)));
  source.addEventListener("say", ({ data }) => say(JSON.parse(data)));
  source.addEventListener("lost", () => show(true));
  source.addEventListener("well", () => show(false));
  source.addEventListener("over", () => (once ? next(POLL) : comeBack()));
  for (const kind of ["clock", "part", "well"]) source.addEventListener(kind, alive);
  source.addEventListener("error", fail);
}

function close() {
  clearTimeout(later);
  source?.close();
  source = null;
  give?.();
  give = null;
}

function next(pause) {
  close();
  later = setTimeout(open, pause);
}

function alive({ type }) {
  said = Date.now();
  failures = 0;
  // A first heartbeat says nothing of the server behind the console; a part of the page does.
  if (type === "part") show(false);
}

// A browser does not tell why a stream failed; now and again it is asked for in another way.
function fail() {
  failures += 1;
  if (failures > 1) show(true);
  if (failures % 3) retry();
  else comeBack();
}

// All windows lose a console at once; they must not come back at once.
function retry() {
  next(Math.min(500 * 2 ** failures, LONGEST) * (0.5 + Math.random()));
}

function draw(html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  const fresh = template.content.firstElementChild;
  const old = fresh && document.getElementById(fresh.id);
  if (!old) return;
  const { organisation } = fresh.dataset;
  const isOther = old.dataset.organisation !== organisation;
  morph(old, fresh);
  if (!isOther) return;
  // What no stream tells is of the organisation before.
  document.getElementById("calls")?.setAttribute("hidden", "");
  lookSoon(SPREAD * Math.random(), organisation ? LOOKS : 1);
}

function say(words) {
  document.dispatchEvent(new CustomEvent("syncline:say", { detail: words }));
}

function show(isLost) {
  if (isLost === lost) return;
  lost = isLost;
  // Posting stays possible: it may well go through, and says so where it does not.
  document.documentElement.toggleAttribute("data-stale", lost);
  const bar = document.getElementById("lost");
  const words = "Connection to Syncline lost – trying again. What you see may be out of date.";
  if (bar) bar.textContent = lost ? words : "";
  if (!lost) say("Connected to Syncline again");
}

// The session has ended, or a role: whoever may still look follows on, others see why not.
async function comeBack() {
  close();
  const answer = await fetch(parts()?.dataset.live ?? "", { method: "HEAD", redirect: "manual" }).catch(() => null);
  if (answer?.ok) next(1000);
  else if (answer && answer.status < 500) location.reload(); // 0 is a way to the sign-in page
  else retry();
}

function wake() {
  clearTimeout(resting);
  if (document.hidden) resting = setTimeout(close, HIDDEN);
  else if (!source || Date.now() - said > QUIET) {
    failures = 0;
    open();
  }
}

// Timers stand still while a machine sleeps: a long silence shows as soon as it wakes up.
function listen() {
  if (source && !document.hidden && Date.now() - said > QUIET) fail();
}

// Another page is of another moment, perhaps of another connection: it wants no old news.
function arrive() {
  turn = "";
  if (!parts()) show(false); // it has just been loaded, and says itself what it could not
  open();
}

// Something is not as the stream has told, or it does not tell it: look once more, without it.
async function lookAgain(left = 1) {
  const [asked, mine] = [location.href, ++looks];
  const found = await fetched(asked, { peek: true }).catch(() => null);
  // Somebody has gone on meanwhile, or is led to another page, such as the one to sign in.
  if (location.href !== asked || mine !== looks || found?.moved) return;
  for (const id of (found?.page && parts()?.dataset.shows.split(",")) || []) {
    const [old, fresh] = [document.getElementById(id), found.page.getElementById(id)];
    if (old && fresh) morph(old, document.adoptNode(fresh));
  }
  const pause = AGAIN * (0.5 + Math.random());
  if (!found?.page) lookSoon(pause, left);
  else if (left > 1 && document.getElementById("calls")?.hidden) lookSoon(pause, left - 1);
}

function lookSoon(pause, left) {
  clearTimeout(looking);
  looks += 1; // what is on its way is of the moment before
  looking = setTimeout(lookAgain, pause, left);
}

setInterval(listen, 5000);
document.addEventListener("visibilitychange", wake);
addEventListener("online", wake);
addEventListener("pagehide", close);
addEventListener("pageshow", ({ persisted }) => persisted && open());
document.addEventListener("syncline:page", arrive);
document.addEventListener("syncline:lost", ({ detail }) => show(detail));
document.addEventListener("syncline:stale", () => lookAgain());
open();
