// How many windows of a browser may hold an event stream: HTTP/1.1 has six connections to a host,
// and one that waits for ever for each window would leave none for pages. HTTP/2 needs no such care.

const MOST = 4;
const [load] = performance.getEntriesByType("navigation");
const isShared = ["h2", "h3"].includes(load?.nextHopProtocol);

/** Return what gives the place back; `null` when all are taken by other windows. */
export async function place() {
  if (isShared || !navigator.locks) return () => {};
  for (let number = 0; number < MOST; number++) {
    const found = await taken(`syncline-live-${number}`);
    if (found) return found;
  }
  return null;
}

function taken(name) {
  return new Promise((tell) => {
    navigator.locks.request(name, { ifAvailable: true }, (lock) => {
      if (!lock) return tell(null);
      return new Promise((give) => tell(give)); // held until then; a closed window gives it back
    });
  });
}
