// Merges new HTML into what is there, so that focus, open details and half-typed text stay.

const edited = new WeakSet(); // controls that somebody has changed

for (const kind of ["input", "change"]) {
  document.addEventListener(kind, ({ target }) => edited.add(target), true);
}

/** What was typed here has been sent: what the server says of it counts again. */
export function settle(form) {
  for (const control of form.elements) edited.delete(control);
}

function isTheirs(name, element) {
  if (name === "open") return element.localName === "details";
  const control = element.localName === "option" ? element.closest("select") : element;
  return edited.has(control) && ["value", "checked", "selected"].includes(name);
}

const callbacks = { beforeAttributeUpdated: (name, element) => !isTheirs(name, element) };

/** Have `old` become `fresh`; `document` then hears `syncline:drawn`. */
export function morph(old, fresh) {
  const focused = document.activeElement;
  // Without the library (it is slow, or blocked) it is the same page, less smoothly.
  if (globalThis.Idiomorph) globalThis.Idiomorph.morph(old, fresh, { morphStyle: "outerHTML", callbacks });
  else old.replaceWith(fresh);
  if (focused?.id && document.activeElement !== focused) {
    document.getElementById(focused.id)?.focus({ preventScroll: true });
  }
  document.dispatchEvent(new Event("syncline:drawn"));
}
