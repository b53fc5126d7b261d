// Puts <time datetime> into the reader's zone and language: "3 minutes ago" while it is short, the
// date otherwise, or where its data-style is "absolute"; and all of it in the tooltip.

import { now } from "./clock.js";

const LANGUAGE = navigator.language;
const date = new Intl.DateTimeFormat(LANGUAGE, { dateStyle: "medium", timeStyle: "short" });
const exact = new Intl.DateTimeFormat(LANGUAGE, { dateStyle: "full", timeStyle: "long" });
const relative = new Intl.RelativeTimeFormat(LANGUAGE, { numeric: "auto" });
const [MINUTE, HOUR, DAY] = [60, 3600, 86_400];

function words(at, style) {
  if (style === "absolute") return date.format(at);
  const seconds = (at - now()) / 1000;
  const far = Math.abs(seconds);
  if (far < MINUTE) return relative.format(0, "second");
  if (far < HOUR) return relative.format(Math.trunc(seconds / MINUTE), "minute");
  if (far < DAY) return relative.format(Math.trunc(seconds / HOUR), "hour");
  return date.format(at);
}

function draw() {
  if (document.hidden) return;
  for (const element of document.querySelectorAll("time[datetime]")) {
    const at = Date.parse(element.getAttribute("datetime"));
    if (Number.isNaN(at)) continue;
    const text = words(at, element.dataset.style);
    if (element.textContent === text && element.title) continue;
    element.textContent = text;
    element.title = exact.format(at);
    element.lang = LANGUAGE;
  }
}

setInterval(draw, 15_000);
for (const kind of ["syncline:drawn", "visibilitychange"]) document.addEventListener(kind, draw);
draw();
