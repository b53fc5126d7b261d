// A field for a date and time names no zone, and the server cannot know the reader's: this asks in it,
// as times are shown in it everywhere. Without it the field asks in UTC.
const minutesToUtc = (field) =>
  (field.value ? new Date(field.value) : new Date()).getTimezoneOffset();

function ask(field) {
  document.getElementById(field.dataset.offset).value = String(minutesToUtc(field));
  field.labels[0].querySelector("[data-zone]").textContent = "your time";
}

function askAll() {
  document.querySelectorAll("input[data-offset]").forEach(ask);
}

for (const event of ["input", "focusin"]) {
  document.addEventListener(event, ({ target }) => {
    if (target.matches?.("input[data-offset]")) ask(target);
    // Whoever fills it in means it.
    if (event === "input" && target.id === "since") {
      document.querySelector("input[name='window'][value='since_time']").checked = true;
    }
  });
}
document.addEventListener("syncline:drawn", askAll); // whatever was merged in asks in UTC again
askAll();
