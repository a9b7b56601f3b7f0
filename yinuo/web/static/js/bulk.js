// Picking rows and doing something to all of them: click, shift-click, x or space; the bar names what can be done.
import { touch } from "./refresh.js";
import { toast } from "./toast.js";
import { say, token } from "./words.js";

const boxes = () => [...document.querySelectorAll("[data-bulk] [data-pick]")];
const bar = () => document.querySelector("[data-bulk-bar]");
const picked = () => boxes().filter((box) => box.checked);
let last = null;

function draw() {
  const on = picked(), all = boxes(), shown = bar();
  if (shown) { shown.hidden = !on.length; shown.querySelector("[data-bulk-count]").textContent = on.length; }
  for (const head of document.querySelectorAll("[data-pick-all]")) {
    head.checked = all.length > 0 && on.length === all.length;
    head.indeterminate = on.length > 0 && on.length < all.length;
  }
  for (const box of all) box.closest("[data-href]")?.classList.toggle("is-picked", box.checked);
  for (const field of document.querySelectorAll("[data-bulk-keys]")) field.value = on.map((box) => box.value).join(" ");
}

function set(on, which = boxes()) {
  for (const box of which) box.checked = on;
  draw();
}

export function pick(row) {
  const box = row?.querySelector("[data-pick]");
  if (!box) return;
  box.checked = !box.checked;
  last = box;
  draw();
}

// The picked rows, else the one one stands on.
function start(button) {
  const at = document.querySelector("[data-bulk] .is-at [data-pick]");
  const keys = picked().map((box) => box.value);
  if (!keys.length && at) keys.push(at.value);
  if (!keys.length) { toast(bar().dataset.none, "info"); return; }
  const asked = new URLSearchParams(keys.map((key) => ["k", key]));
  open(`${button.dataset.bulkDo}?${asked}`);
}

export const open = (href) => window.htmx.ajax("GET", href, { target: "#dialog-body", source: "#dialog-body", headers: { "X-Stay": "1" } });

// Shown anew by itself when the first of what was put aside comes back.
let waking = 0;
function again() {
  clearTimeout(waking);
  const mark = document.querySelector("[data-again]");
  const left = mark ? new Date(mark.dataset.again) - Date.now() : -1;
  if (left >= 0 && left < 2 ** 31) waking = setTimeout(() => { const part = mark.closest("[data-live]"); if (part) touch(part); }, left + 500);
}

function offer({ text, href, token: back }) {
  document.querySelectorAll(".y-toast[data-undo]").forEach((old) => old.remove()); // only the last thing done is offered
  const item = toast(text, "success", 20000);
  item.dataset.undo = "";
  const button = document.createElement("button");
  button.type = "button";
  button.className = "btn btn-sm";
  button.textContent = say("undo");
  button.addEventListener("click", () => {
    item.remove();
    window.htmx.ajax("POST", href, { swap: "none", source: document.body, values: { token: back, csrfmiddlewaretoken: token() } });
  });
  item.append(" ", button);
}

const renew = () => document.querySelectorAll("[data-bulk][data-live]").forEach(touch);

export function bulk() {
  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-pick-all]")) set(event.target.checked);
    else if (event.target.matches("[data-pick]")) draw();
  });
  document.addEventListener("click", (event) => {
    const box = event.target.closest("[data-pick]");
    if (box) {
      const all = boxes(), from = all.indexOf(last), to = all.indexOf(box);
      if (event.shiftKey && from >= 0 && to >= 0) set(box.checked, all.slice(Math.min(from, to), Math.max(from, to) + 1));
      last = box;
    }
    const does = event.target.closest("[data-bulk-do]");
    if (does) start(does);
    if (event.target.closest("[data-bulk-all]")) set(true);
    if (event.target.closest("[data-bulk-none]")) set(false);
  });
  document.addEventListener("picked", draw);
  document.addEventListener("htmx:afterSettle", () => { draw(); again(); });
  document.addEventListener("done", () => { set(false); renew(); });
  document.addEventListener("changed", renew);
  document.addEventListener("undo", (event) => offer(event.detail));
  again();
}
