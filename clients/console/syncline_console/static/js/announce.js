// Says changes that matter to who listens: the server finds the words, one region says them.

const PAUSE = 200; // milliseconds: several at once are one message
const region = document.getElementById("announcements");
let waiting = [];
let noticed; // what the page said itself, when it was shown

document.addEventListener("syncline:say", ({ detail }) => {
  waiting.push(`${detail}.`);
  if (waiting.length === 1) setTimeout(speak, PAUSE);
});

function speak() {
  // The answer to a form may say the same, in a notice that is read out as well.
  if (document.querySelector("form[aria-busy]")) return setTimeout(speak, PAUSE);
  const news = waiting.filter((words) => !noticed.delete(words));
  waiting = [];
  if (news.length) region?.replaceChildren(...news.map(line));
}

function line(words) {
  const element = document.createElement("p");
  element.textContent = words;
  return element;
}

function look() {
  noticed = new Set([...document.querySelectorAll("#notices p")].map((each) => each.textContent.trim()));
}

document.addEventListener("syncline:page", look);
look();
