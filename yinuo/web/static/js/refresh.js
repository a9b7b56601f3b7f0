// Parts of a page that show what others do. data-live="topic …" with hx-get fetches itself again when a topic is told:
// soon, but never in a storm, never while nobody looks, and never under one's hands.
import { say } from "./words.js";

const SOON = 150;      // a breath, so that the several events of one command make one request
const EVERY = 2000;    // between two requests of the same part; data-live-every overrides
const held = new Set();
const shown = new WeakMap();
const state = new WeakMap();
const TYPING = "input:not([type=checkbox], [type=radio], [type=hidden]), textarea, select";

// Somebody is at work in it: a field with the cursor, a form with changes, an open menu.
function busy(part) {
  const at = document.activeElement;
  return (part.contains(at) && at.matches(TYPING)) ||
    !!part.querySelector("form[data-dirty], form[data-sending], :popover-open, details.y-pick[open], [data-held]");
}

function hold(part) {
  held.add(part);
  if (!part.querySelector("form[data-dirty]") || part.querySelector(":scope > .y-fresh")) return;
  const line = document.createElement("p");
  line.className = "y-fresh";
  line.setAttribute("role", "status");
  line.textContent = say("updated");
  part.prepend(line);
}

export function touch(part) {
  const known = state.get(part) || { last: -Infinity, timer: 0 };
  state.set(part, known);
  if (known.timer) return;
  const every = Number(part.dataset.liveEvery) || EVERY;
  const spread = part.dataset.liveEvery ? Math.random() * 400 : 0; // what the whole company hears is not asked for at once
  const wait = Math.max(SOON + spread, known.last + every - performance.now());
  known.timer = setTimeout(() => {
    known.timer = 0;
    if (!part.isConnected) return;
    if (document.hidden || busy(part)) { hold(part); return; }
    known.last = performance.now();
    if (part.getAttribute("hx-get")) window.htmx.trigger(part, "live");
  }, wait);
}

// What was held is fetched once the hands are off it.
function settle() {
  setTimeout(() => {
    for (const part of [...held]) {
      if (part.isConnected && (document.hidden || busy(part))) continue;
      held.delete(part);
      if (part.isConnected) touch(document.getElementById(part.dataset.liveBy) || part);
    }
  }, 60);
}

// The marks of a page that a fresh copy does not have: the row one stands on, the folds one opened.
function marks(part) {
  const at = part.contains(document.activeElement) ? document.activeElement : null;
  return {
    row: part.querySelector(".is-at")?.dataset.href,
    link: at?.getAttribute("href"),
    id: at?.id,
    picked: [...part.querySelectorAll("[data-pick]:checked")].map((box) => box.value),
    open: [...part.querySelectorAll("details[open] > summary")].map((s) => s.textContent.trim()),
    scroll: [...part.querySelectorAll("[data-keep-scroll]")].map((e) => e.scrollLeft),
  };
}

function put(part, kept) {
  if (kept.row) part.querySelector(`[data-href="${CSS.escape(kept.row)}"]`)?.classList.add("is-at");
  for (const box of part.querySelectorAll("[data-pick]")) box.checked = kept.picked.includes(box.value);
  part.dispatchEvent(new CustomEvent("picked", { bubbles: true }));
  const at = (kept.id && document.getElementById(kept.id)) || (kept.link && part.querySelector(`a[href="${CSS.escape(kept.link)}"]`));
  at?.focus({ preventScroll: true });
  for (const summary of part.querySelectorAll("details:not(.y-pick) > summary")) if (kept.open.includes(summary.textContent.trim())) summary.parentElement.open = true;
  part.querySelectorAll("[data-keep-scroll]").forEach((e, n) => { e.scrollLeft = kept.scroll[n] || 0; });
}

// What a part says, without what differs each time it is made: keys of forms, times told as distances.
const said = (html) => html.replace(/<time[^>]*>[^<]*<\/time>/g, "").replace(/(value|data-key|data-tone)="[^"]*"/g, "");
for (const part of document.querySelectorAll("[data-live-by]")) shown.set(part, said(part.innerHTML));

// Something was done in a drawer over the page: what can fetch itself again shows it.
function renewed() {
  const by = new Set([...document.querySelectorAll("[data-live-by]")].map((part) => document.getElementById(part.dataset.liveBy)));
  for (const part of by) if (part) touch(part);
}

export function refreshing() {
  document.addEventListener("done", renewed);
  document.addEventListener("htmx:configRequest", (event) => {
    const part = event.target.closest?.("[data-live][data-live-part]");
    if (part === event.target) event.detail.headers["X-Part"] = part.dataset.livePart;
  });
  document.addEventListener("htmx:beforeSwap", (event) => {
    const part = event.detail.target;
    if (part !== event.detail.elt || !part.matches?.("[data-live]") || part.getAttribute("hx-swap") === "none") return;
    if (busy(part)) { event.detail.shouldSwap = false; hold(part); return; }
    const kept = marks(part);
    part.addEventListener("htmx:afterSwap", () => put(part, kept), { once: true });
  });
  document.addEventListener("htmx:oobBeforeSwap", (event) => {
    const part = event.detail.target;
    if (!part?.dataset.liveBy) return;
    const fresh = event.detail.fragment instanceof Element ? event.detail.fragment : event.detail.fragment.firstElementChild;
    const text = said(fresh.innerHTML || "");
    const same = shown.get(part) === text || (part.dataset.stamp && part.dataset.stamp === fresh.dataset?.stamp);
    if (same || busy(part)) { event.detail.shouldSwap = false; if (!same) hold(part); return; }
    shown.set(part, text);
    if (fresh.dataset?.stamp) part.dataset.stamp = fresh.dataset.stamp;
    const kept = marks(part);
    setTimeout(() => put(part, kept));
  });
  for (const name of ["focusout", "htmx:afterRequest", "toggle", "visibilitychange", "reset"]) document.addEventListener(name, settle, true);
}
