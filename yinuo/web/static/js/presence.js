// Who else has this page open. The line is drawn again whenever its place is.
import { say } from "./words.js";

const MOST = 4;
let people = [];

function draw() {
  for (const place of document.querySelectorAll("[data-here]")) {
    const named = people.slice(0, MOST).map((p) => p.name).join(say("list_comma"));
    place.hidden = !people.length;
    const words = people.length > MOST ? say("here_more", named).replace("{n}", String(people.length)) : say("here", named);
    if (people.length && place.lastElementChild.textContent !== words) place.lastElementChild.textContent = words;
  }
}

export function here(text, me) {
  try { people = JSON.parse(text).people.filter((p) => p.id !== me); } catch { return; }
  draw();
}

addEventListener("htmx:load", draw);
