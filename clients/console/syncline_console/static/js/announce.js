// Says changes that matter to who listens: the server finds the words, one region says them.

const region = document.getElementById("announcements");
let waiting = [];

document.addEventListener("syncline:say", ({ detail }) => {
  waiting.push(detail);
  if (waiting.length === 1) setTimeout(speak, 200); // several at once are one message
});

function speak() {
  region?.replaceChildren(...waiting.map(line));
  waiting = [];
}

function line(words) {
  const element = document.createElement("p");
  element.textContent = `${words}.`;
  return element;
}
