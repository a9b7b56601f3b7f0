// Promise chips count down by themselves: every element with data-due.
import { say } from "./words.js";

const span = (ms) => {
  const minutes = Math.floor(ms / 60000);
  const days = Math.floor(minutes / 1440);
  const hours = Math.floor((minutes % 1440) / 60);
  const rest = minutes % 60;
  if (days) return say("day", days) + (hours && days < 8 ? " " + say("hour", hours) : "");
  if (hours) return say("hour", hours) + (rest ? " " + say("minute", rest) : "");
  return minutes ? say("minute", minutes) : say("moment");
};

function paint() {
  const now = Date.now();
  for (const element of document.querySelectorAll("[data-due]")) {
    const left = Date.parse(element.dataset.due) - now;
    const text = say(left > 0 ? "left" : "late", span(Math.abs(left)));
    if (element.textContent !== text) element.textContent = text;
    const chip = element.closest("[data-tone]");
    if (!chip) continue;
    const warn = element.dataset.warn ? Date.parse(element.dataset.warn) - now : left - 7200000;
    const tone = left <= 0 ? "late" : warn <= 0 ? "soon" : "ok";
    if (chip.dataset.tone !== tone && ["ok", "soon", "late"].includes(chip.dataset.tone)) {
      chip.dataset.tone = tone;
      const use = chip.querySelector("use");
      const icon = { ok: "clock", soon: "hourglass", late: "alert-triangle" }[tone];
      if (use) use.setAttribute("href", use.getAttribute("href").replace(/#.*/, "#" + icon));
    }
  }
}

export function countdowns() {
  paint();
  setInterval(paint, 15000);
  document.addEventListener("visibilitychange", () => document.hidden || paint());
}
countdowns.now = paint;
