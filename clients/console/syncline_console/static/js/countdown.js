// Counts down to the server's times: <span data-ends="milliseconds since the epoch">.
// Nothing here is read out; who listens hears the reason when they reach the button.

import { now } from "./clock.js";
import { fetched, show } from "./visiting.js";

const LATE = 3000; // milliseconds after which the server should have told what is next
const asked = new Map(); // when the page was last looked at again, by end

function tick() {
  if (document.hidden) return;
  for (const element of document.querySelectorAll("[data-ends]")) {
    const ends = Number(element.dataset.ends);
    const left = ends - now();
    const text = words(Math.max(Math.ceil(left / 1000), 0));
    if (element.textContent !== text) element.textContent = text;
    if (left < -LATE) askAgain(ends, isFollowed(element));
  }
}

function isFollowed(element) {
  const shows = document.getElementById("live")?.dataset.shows.split(",") ?? [];
  return shows.some((id) => document.getElementById(id)?.contains(element));
}

// The next state comes with the live part. Where it does not, the page is looked at again; where
// nothing follows, it is shown anew, once.
function askAgain(ends, followed) {
  if (asked.has(ends) && !(followed && now() - asked.get(ends) >= 5 * LATE)) return;
  asked.set(ends, now());
  if (followed) document.dispatchEvent(new Event("syncline:stale"));
  else showAgain(location.href);
}

async function showAgain(address) {
  const found = await fetched(address, { peek: true }).catch(() => null);
  if (!found?.page || found.moved || address !== location.href) return;
  // What was told stays to be read.
  const told = document.getElementById("notices")?.cloneNode(true);
  if (told) found.page.getElementById("notices")?.replaceWith(found.page.adoptNode(told));
  await show(found, false);
}

function words(seconds) {
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor((seconds % 3600) / 60)];
  if (hours) return `${hours} h ${minutes} min`;
  if (minutes) return `${minutes} min ${seconds % 60} s`;
  return `${seconds} s`;
}

setInterval(tick, 250);
for (const kind of ["syncline:drawn", "visibilitychange"]) document.addEventListener(kind, tick);
tick();
