// Asks again and again for what no stream tells of: <div data-poll="/address"> has the pieces of a
// page that the address answers with merged in, by their ids, until none of them has it any more.

import { morph } from "./morph.js";

const EVERY = 2000; // milliseconds from one answer to the next question
const HIDDEN = 30_000; // the same in a window that nobody sees
const [GONE, FAILED] = [400, 500];
const BUSY = 429; // asked too often: that ends by itself

let failures = 0;
let timer = setTimeout(round, EVERY);

async function ask(element) {
  const address = element.dataset.poll;
  const { answer, text } = await answered(address);
  // Somebody may have gone on to another page meanwhile, which has the same ids.
  if (!element.isConnected || element.dataset.poll !== address) return;
  const isRefused = answer?.status >= GONE && answer.status < FAILED && answer.status !== BUSY;
  // To the sign-in page, or to what says why this may be seen no longer.
  if (answer?.redirected || isRefused) return location.reload();
  failures = answer?.ok ? 0 : failures + 1;
  if (failures !== 1) document.dispatchEvent(new CustomEvent("syncline:lost", { detail: failures > 1 }));
  if (answer?.ok) merge(text);
}

async function answered(address) {
  try {
    const answer = await fetch(address, { cache: "no-store" });
    return { answer, text: await answer.text() };
  } catch {
    return {};
  }
}

function merge(text) {
  const template = document.createElement("template");
  template.innerHTML = text;
  for (const fresh of [...template.content.children]) {
    const old = fresh.id && document.getElementById(fresh.id);
    if (fresh.dataset.title) document.title = fresh.dataset.title;
    if (old) morph(old, fresh);
  }
}

async function round() {
  await Promise.all([...document.querySelectorAll("[data-poll]")].map(ask));
  clearTimeout(timer);
  timer = setTimeout(round, document.hidden ? HIDDEN : EVERY);
}

document.addEventListener("syncline:page", () => (failures = 0));
document.addEventListener("visibilitychange", () => {
  clearTimeout(timer);
  timer = setTimeout(round, document.hidden ? HIDDEN : 0);
});
