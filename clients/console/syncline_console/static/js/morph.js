// Merges new HTML into what is there, so that focus, open details and half-typed text stay.

const edited = new WeakSet(); // controls that somebody has changed

for (const kind of ["input", "change"]) {
  document.addEventListener(kind, ({ target }) => edited.add(target), true);
}

/** What was typed here has been sent, or is left behind: what the server says of it counts again. */
export function settle(controls) {
  for (const control of controls) edited.delete(control);
}

/** Whether a form holds what would be lost: changed here, or by what the server filled in. */
export function isUnsaved(form) {
  return form.dataset.unsaved === "yes" || [...form.elements].some((each) => edited.has(each) && isChanged(each));
}

function isChanged(control) {
  if (control.options) return [...control.options].some((each) => each.selected !== each.defaultSelected);
  return control.checked !== control.defaultChecked || control.value !== control.defaultValue;
}

function isTheirs(name, element) {
  if (name === "open") return element.localName === "details";
  const control = element.localName === "option" ? element.closest("select") : element;
  return edited.has(control) && ["value", "checked", "selected"].includes(name);
}

const callbacks = { beforeAttributeUpdated: (name, element) => !isTheirs(name, element) };

/**
 * Have `old` become `fresh`; `document` then hears `syncline:drawn`.
 * Without `keep` nothing that was typed stays: somebody asked for what the server says.
 */
export function morph(old, fresh, keep = true) {
  const focused = document.activeElement;
  if (!keep) settle(old.querySelectorAll("input, select, textarea"));
  // Without the library (it is slow, or blocked) it is the same page, less smoothly.
  if (globalThis.Idiomorph) globalThis.Idiomorph.morph(old, fresh, { morphStyle: "outerHTML", callbacks });
  else old.replaceWith(fresh);
  if (focused?.id && document.activeElement !== focused) {
    document.getElementById(focused.id)?.focus({ preventScroll: true });
  }
  document.dispatchEvent(new Event("syncline:drawn"));
}
