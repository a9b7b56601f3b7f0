// Live updates: one event stream per page. An event names topics; elements with data-live="topic" fetch themselves again.
import { toast } from "./toast.js";
import { say } from "./words.js";

let stream = null, wait = 1000, last = sessionStorage.getItem("yinuo.live.last") || "";

const topics = () => [...new Set([...document.querySelectorAll("[data-live]")].flatMap((e) => e.dataset.live.split(/\s+/)))].filter(Boolean);

function offline(on) {
  let bar = document.querySelector(".y-net");
  if (!on) { bar?.remove(); return; }
  if (bar) return;
  bar = document.createElement("div");
  bar.className = "y-net";
  bar.textContent = say("offline");
  document.body.append(bar);
}

function receive(event) {
  if (event.lastEventId) { last = event.lastEventId; sessionStorage.setItem("yinuo.live.last", last); }
  let data;
  try { data = JSON.parse(event.data); } catch { return; }
  const touched = data.topics || (data.topic ? [data.topic] : []);
  for (const element of document.querySelectorAll("[data-live]")) {
    if (!element.dataset.live.split(/\s+/).some((t) => touched.includes(t))) continue;
    if (element.contains(document.activeElement) && document.activeElement.matches("input, textarea, select")) continue; // never under one's hands
    if (element.getAttribute("hx-get")) window.htmx.trigger(element, "live");
    element.dispatchEvent(new CustomEvent("live-event", { detail: data, bubbles: true }));
  }
  if (touched.some((t) => t.startsWith("staff:"))) { const dot = document.getElementById("bell-dot"); if (dot) dot.hidden = false; }
  if (data.toast) toast(data.toast, data.tone || "info");
}

async function connect(address) {
  try {
    const answer = await fetch(address + "?topics=" + encodeURIComponent(topics().join(" ")), { headers: { Accept: "application/json" } });
    if (answer.status === 401 || answer.status === 403) return;
    const { url, ticket } = await answer.json();
    if (!url) return;
    const to = new URL(url, location.href);
    to.searchParams.set("ticket", ticket);
    if (last) to.searchParams.set("last_event_id", last);
    stream?.close();
    stream = new EventSource(to);
    stream.onopen = () => { wait = 1000; offline(false); };
    stream.onmessage = receive;
    stream.onerror = () => { stream.close(); retry(address); };
  } catch { retry(address); }
}

function retry(address) {
  if (wait > 8000) offline(true);
  setTimeout(() => connect(address), wait * (0.7 + Math.random() * 0.6)); // a new ticket each time; spread the herd
  wait = Math.min(wait * 2, 60000);
}

export function live() {
  const address = document.querySelector("[data-live-ticket]")?.dataset.liveTicket;
  if (!address) return;
  connect(address);
  addEventListener("online", () => { wait = 1000; connect(address); });
  addEventListener("pagehide", () => stream?.close());
  addEventListener("pageshow", (event) => event.persisted && connect(address));
}
