// The introduction: five steps over the person's own pages. A step that does not find what it points at explains it all the same.
// It walks from page to page; where one left off is kept for this tab only.
import { say, token } from "./words.js";

const KEPT = "yinuo.tour";
let main, dialog, ring, title, text, count, back, next, steps = [], at = 0, target = null;

const make = (tag, cls, words = "") => Object.assign(document.createElement(tag), { className: cls, textContent: words });
const kept = () => { try { return JSON.parse(sessionStorage.getItem(KEPT)); } catch { return null; } };
const found = (selectors) => selectors.split(",").map((s) => [...document.querySelectorAll(s)].find((e) => e.checkVisibility())).find(Boolean);

function build() {
  ring = make("div", "y-tour-ring");
  ring.popover = "manual"; // above the page, below the dialog
  dialog = make("dialog", "y-tour");
  const body = make("div", "");
  count = make("p", "y-tour-count");
  title = make("h2", "");
  title.id = "tour-title";
  title.tabIndex = -1;
  text = make("p", "");
  text.id = "tour-text";
  const foot = make("footer", "");
  const button = (cls, words, act) => {
    const made = make("button", "btn " + cls, words);
    made.type = "button";
    made.addEventListener("click", act);
    foot.append(made);
    return made;
  };
  button("btn-ghost y-tour-skip", say("tour_skip"), () => dialog.close());
  back = button("", say("tour_back"), () => go(at - 1));
  next = button("btn-primary", say("tour_next"), () => at + 1 < steps.length ? go(at + 1) : dialog.close());
  body.append(count, title, text, foot);
  dialog.append(body);
  dialog.setAttribute("aria-labelledby", title.id);
  dialog.setAttribute("aria-describedby", text.id);
  document.body.append(ring, dialog);
  dialog.addEventListener("close", end);
  dialog.addEventListener("keydown", (event) => {
    if (event.key === "ArrowRight" && at + 1 < steps.length) go(at + 1);
    if (event.key === "ArrowLeft" && at > 0) go(at - 1);
  });
  for (const name of ["resize", "scroll"]) addEventListener(name, place, true);
}

function end() {
  sessionStorage.removeItem(KEPT);
  ring.hidePopover();
  fetch(main.dataset.tourSeen, { method: "POST", headers: { "X-CSRFToken": token() }, keepalive: true }).catch(() => {});
  delete main.dataset.tourAuto;
}

function place() {
  if (!dialog.open) return;
  const room = 12, box = target?.getBoundingClientRect();
  ring.classList.toggle("is-nowhere", !box);
  dialog.classList.toggle("is-middle", !box);
  if (!box) { dialog.style.top = dialog.style.left = ""; return; }
  const shown = { top: Math.max(4, box.top - 6), bottom: Math.min(innerHeight - 4, box.bottom + 6) };
  Object.assign(ring.style, { top: shown.top + "px", left: box.left - 6 + "px", width: box.width + 12 + "px", height: Math.max(0, shown.bottom - shown.top) + "px" });
  const high = dialog.offsetHeight, below = shown.bottom + room + high < innerHeight;
  const top = below ? shown.bottom + room : shown.top - room - high > 0 ? shown.top - room - high : innerHeight - high - room;
  dialog.style.top = Math.max(room, top) + "px";
  dialog.style.left = Math.max(room, Math.min(box.left, innerWidth - dialog.offsetWidth - room)) + "px";
}

function show() {
  const step = steps[at];
  if (!dialog) build();
  target = found(step.at);
  if (target) target.style.scrollMarginTop = "72px"; // the bar above stays where it is
  target?.scrollIntoView({ block: target.offsetHeight > innerHeight / 2 ? "start" : "center" });
  count.textContent = say("tour_step", at + 1).replace("{n}", String(steps.length));
  title.textContent = step.title;
  text.textContent = step.text;
  back.hidden = at === 0;
  next.textContent = say(at + 1 < steps.length ? "tour_next" : "tour_done");
  if (!ring.matches(":popover-open")) ring.showPopover();
  if (!dialog.open) dialog.showModal();
  place();
  title.focus({ preventScroll: true }); // a screen reader reads the step anew
}

// Where a step is shown: its own page, the row it follows, or wherever one is.
function go(to) {
  const step = steps[to];
  const row = step.follow && found(step.follow)?.dataset.href;
  const there = row || step.path || step.page || location.pathname;
  at = to;
  sessionStorage.setItem(KEPT, JSON.stringify({ at, steps, there, going: there !== location.pathname }));
  if (there === location.pathname) show();
  else location.href = there;
}

async function start() {
  document.querySelector("dialog[open]")?.close();
  try {
    const answer = await fetch(main.dataset.tour, { headers: { Accept: "application/json" } });
    if (!answer.ok || answer.redirected) return;
    steps = (await answer.json()).steps;
    go(0);
  } catch { /* offline: it comes another time */ }
}

export function tour() {
  main = document.querySelector("[data-tour]");
  if (!main) return;
  document.addEventListener("click", (event) => { if (event.target.closest("[data-tour-start]")) start(); });
  const left = kept();
  if (left && (left.going || left.there === location.pathname)) {
    ({ steps, at } = left);
    if (steps[at].follow) steps[at].path = location.pathname; // a row may lead on to another address
    sessionStorage.setItem(KEPT, JSON.stringify({ at, steps, there: location.pathname }));
    return show();
  }
  sessionStorage.removeItem(KEPT); // somebody went elsewhere
  if ("tourAuto" in main.dataset) start();
}
