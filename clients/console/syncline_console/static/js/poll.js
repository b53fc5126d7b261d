// Asks again and again for what no stream tells of: <div data-poll="/address"> has the pieces of a
// page that the address answers with merged in, by their ids, until none of them has it any more.

import { morph } from "./morph.js";

const EVERY = 2000; // milliseconds from one answer to the next question

async function ask(address) {
  const answer = await fetch(address, { cache: "no-store" }).catch(() => null);
  if (answer?.redirected) return location.reload(); // to the sign-in page
  if (!answer?.ok) return;
  const template = document.createElement("template");
  template.innerHTML = await answer.text();
  for (const fresh of [...template.content.children]) {
    const old = fresh.id && document.getElementById(fresh.id);
    if (old) morph(old, fresh);
  }
}

async function round() {
  const asking = document.hidden ? [] : document.querySelectorAll("[data-poll]");
  await Promise.all([...asking].map((element) => ask(element.dataset.poll)));
  setTimeout(round, EVERY);
}

setTimeout(round, EVERY);
