// Counts down to the server's times: <span data-ends="milliseconds since the epoch">.
// Nothing here is read out; who listens hears the reason when they reach the button.

import { now } from "./clock.js";

const LATE = 3000; // milliseconds after which the server should have told what is next
const asked = new Map(); // when the page was last looked at again, by end

function tick() {
  if (document.hidden) return;
  for (const element of document.querySelectorAll("[data-ends]")) {
    const ends = Number(element.dataset.ends);
    const left = ends - now();
    const text = words(Math.max(Math.ceil(left / 1000), 0));
    if (element.textContent !== text) element.textContent = text;
    if (left < -LATE) askAgain(ends);
  }
}

// The next state comes with the live part. Where it does not, the page is looked at again.
function askAgain(ends) {
  if (now() - (asked.get(ends) ?? 0) < 5 * LATE) return;
  asked.set(ends, now());
  document.dispatchEvent(new Event("syncline:stale"));
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
