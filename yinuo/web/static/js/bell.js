// The bell: how much is new, in every tab and in its title; and one ring a minute and person, whichever tab asks for it.
// The server counts, decides on quiet hours and keeps the minute; of several tabs the first one asks and tells the others.
import { chime, notice } from "./chime.js";
import { toast } from "./toast.js";
import { say, token } from "./words.js";

const KNOWN = "yinuo.bell", ASKED = "yinuo.bell.asked", TURN = "yinuo.bell.turn", FRESH = 60000;
let bell, title, late = 0;

const stored = () => { try { return JSON.parse(localStorage.getItem(KNOWN)) || {}; } catch { return {}; } };
const known = () => { const found = stored(); return found.who === bell.dataset.who ? found : {}; };

function show() {
  const count = known().count || 0;
  const mark = document.getElementById("bell-count");
  mark.hidden = !count;
  mark.textContent = count > 99 ? "99+" : String(count);
  bell.setAttribute("aria-label", count ? say("news", count) : bell.dataset.tip);
  document.title = (count ? `(${count > 99 ? "99+" : count}) ` : "") + title;
}

async function ask(read) {
  const turn = (Number(localStorage.getItem(TURN)) || 0) + 1; // of all tabs: a late answer never replaces a newer one
  localStorage.setItem(TURN, String(turn));
  localStorage.setItem(ASKED, String(Date.now()));
  const body = new URLSearchParams({ since: known().since || "", read: read ? "1" : "" });
  try {
    const answer = await fetch(bell.dataset.heard, { method: "POST", body, headers: { "X-CSRFToken": token(), Accept: "application/json" } });
    if (!answer.ok || answer.redirected) return;
    const { count, since, ring, wait } = await answer.json();
    if (!(known().turn > turn)) localStorage.setItem(KNOWN, JSON.stringify({ who: bell.dataset.who, count, since, turn, at: Date.now() }));
    show();
    if (ring) tell(ring);
    if (wait) again(wait * 1000 + 200);
  } catch { /* offline: the stream comes back and asks again */ }
}

async function tell(ring) {
  const shown = ring.desktop && notice(ring);
  if (!shown && ring.shown) toast(say("told", ring.title).replace("{text}", () => ring.text), "info", 8000, { href: ring.url });
  if (ring.volume && !(await chime(ring.volume))) toast(say("mute"), "warning");
}

// A tab that is looked at asks first; the others see that somebody has.
function again(after) {
  const from = Date.now() + after;
  clearTimeout(late);
  late = setTimeout(() => {
    if (Number(localStorage.getItem(ASKED)) < from - 20) ask(false);
  }, after + (document.hidden ? 200 + Math.random() * 600 : Math.random() * 60));
}

export function news() {
  if (bell) again(0);
}

export function bells() {
  bell = document.querySelector("[data-heard]");
  if (!bell) return;
  title = document.title;
  show();
  addEventListener("storage", (event) => { if (event.key === KNOWN) show(); });
  const reading = document.querySelector("[data-news-read]");
  if (reading && !document.hidden) ask(true);
  else if (Date.now() - (known().at || 0) > FRESH) again(0);
  reading?.addEventListener("htmx:afterSwap", () => { if (!document.hidden) ask(true); });
}
