// The server's clock. Everything that counts down asks here, whatever this machine believes.

let ahead = 0; // milliseconds that the server's clock is ahead of ours

/** Take what the server's clock said; `at` is when, by our own. */
export function heard(milliseconds, at = Date.now()) {
  if (Number.isFinite(milliseconds)) ahead = milliseconds - at;
}

/** The server's time now, in milliseconds since the epoch; right after sleep, too. */
export function now() {
  return Date.now() + ahead;
}

/** Take the time a page tells; `at` is when it arrived. */
export function heardFrom(page, at) {
  const told = page.querySelector('meta[name="server-time"]');
  if (told) heard(Number(told.content), at);
}

const [load] = performance.getEntriesByType("navigation");
// When the page arrived: this may run much later, as scripts are slow.
heardFrom(document, load?.responseStart ? performance.timeOrigin + load.responseStart : Date.now());
