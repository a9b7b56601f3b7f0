// Live updates: one event stream per page. An event names topics; what shows one of them is fetched again (refresh.js).
import { news } from "./bell.js";
import { here } from "./presence.js";
import { refreshing, touch } from "./refresh.js";
import { toast } from "./toast.js";
import { say } from "./words.js";

// What lights the bell: things others, or the clock, did that concern me; not every echo of my own doings.
const NEWS = /^(task\.(created|assigned)|matter\.assigned|conversation\.assigned|interaction\.received|approval\..+|article\..+|security\..+|promise\.(warned|broken|escalated)|portal\..+)$/;

const LOOK = 5000;    // how often the page looks at its clock
const SLEPT = 20000;  // a look that comes so late was slept through
const DEAF = 50000;   // the gateway says something every twenty seconds

let stream = null, wait = 1000, last = "", again = 0, heard = 0, looked = 0;

// Oneself and one's units are heard anyway; the rest is asked for.
const topics = () => [...new Set([...document.querySelectorAll("[data-live]")].flatMap((e) => e.dataset.live.split(/\s+/)))].filter((t) => t && !/^(staff|unit):/.test(t));

function offline(on) {
  let bar = document.querySelector("body > .y-net");
  if (!on) { bar?.remove(); return; }
  if (bar) return;
  bar = document.createElement("div");
  bar.className = "y-net";
  bar.setAttribute("role", "status");
  bar.textContent = say("offline");
  document.body.append(bar);
}

function receive(event) {
  heard = Date.now();
  if (event.lastEventId) last = event.lastEventId;
  let data;
  try { data = JSON.parse(event.data); } catch { return; }
  const touched = data.topics || (data.topic ? [data.topic] : []);
  for (const part of document.querySelectorAll("[data-live]")) {
    if (!part.dataset.live.split(/\s+/).some((t) => touched.includes(t))) continue;
    touch(part);
    part.dispatchEvent(new CustomEvent("live-event", { detail: data, bubbles: true }));
  }
  if (data.reset || (data.events || []).some((e) => e.topic.startsWith("staff:") && NEWS.test(e.name))) news();
  if (data.toast) toast(data.toast, data.tone || "info");
}

async function connect(main) {
  clearTimeout(again);
  try {
    const answer = await fetch(main.dataset.liveTicket + "?topics=" + encodeURIComponent(topics().join(" ")) + "&at=" + encodeURIComponent(document.querySelector("[data-at]")?.dataset.at || ""), { headers: { Accept: "application/json" }, signal: AbortSignal.timeout(15000) });
    if (answer.redirected || answer.status === 401 || answer.status === 403) return; // signed out
    const { url, ticket, me } = await answer.json();
    if (!url) return;
    const to = new URL(url, location.href);
    to.searchParams.set("ticket", ticket);
    if (last) to.searchParams.set("last_event_id", last);
    else to.searchParams.set("made", main.dataset.liveMade); // what happened between the page's making and now is told too
    stream?.close();
    stream = new EventSource(to);
    stream.onopen = () => { wait = 1000; heard = Date.now(); offline(false); document.body.dataset.listening = "1"; };
    stream.addEventListener("beat", () => { heard = Date.now(); });
    stream.onmessage = receive;
    stream.addEventListener("presence", (event) => here(event.data, me));
    stream.onerror = () => { stream.close(); retry(main); };
  } catch { retry(main); }
}

function retry(main) {
  delete document.body.dataset.listening;
  if (wait > 8000 || !navigator.onLine) offline(true);
  clearTimeout(again);
  again = setTimeout(() => connect(main), wait * (0.7 + Math.random() * 0.6)); // a new ticket each time; spread the herd
  wait = Math.min(wait * 2, 60000);
}

// Asleep, in a tunnel, behind a box that forgot the connection: no error comes, only silence. Whoever wakes up asks at once.
function anew(main) {
  wait = 1000;
  heard = looked = Date.now();
  stream?.close();
  connect(main);
}

function watch(main) {
  looked = heard = Date.now();
  const look = () => {
    const now = Date.now(), slept = now - looked > SLEPT || now < looked;
    looked = now;
    if (slept || (document.body.dataset.listening && now - heard > DEAF)) anew(main);
  };
  setInterval(look, LOOK);
  document.addEventListener("resume", () => anew(main));
  document.addEventListener("visibilitychange", () => { if (!document.hidden) document.body.dataset.listening ? look() : anew(main); });
}

export function live() {
  const main = document.querySelector("[data-live-ticket]");
  if (!main) return;
  refreshing();
  connect(main);
  watch(main);
  addEventListener("offline", () => offline(true));
  addEventListener("online", () => anew(main));
  addEventListener("pagehide", () => stream?.close());
  addEventListener("pageshow", (event) => event.persisted && connect(main));
}
