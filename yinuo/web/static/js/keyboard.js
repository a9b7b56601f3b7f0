// Keys. What an element says in aria-keyshortcuts is pressed or focused by that key; lists have theirs; "?" tells those of
// this page, found the same way. Never while typing.
import { pick } from "./bulk.js";
import { say } from "./words.js";

const typing = (element) => element.closest("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable], dialog[open]");

function step(by) {
  const rows = [...document.querySelectorAll("[data-rows] [data-href]")];
  if (!rows.length) return;
  const at = rows.findIndex((row) => row.classList.contains("is-at"));
  const next = rows[Math.max(0, Math.min(rows.length - 1, at < 0 ? 0 : at + by))];
  rows.forEach((row) => row.classList.toggle("is-at", row === next));
  next.scrollIntoView({ block: "nearest" });
  (next.querySelector("a") || next).focus({ preventScroll: true });
}

const at = () => document.querySelector("[data-rows] .is-at");
const rows = "[data-rows] [data-href]";
const picks = "[data-bulk] [data-pick]";

// A key, the word that says what it does, what must be on the page for it, and what it does.
const lists = [
  ["j", "key_next", rows, () => step(1)],
  ["k", "key_previous", rows, () => step(-1)],
  ["Enter", "key_open", rows, (event) => { const row = at(); if (!row || event.target.closest("a, button, input")) return false; open(row, event); }],
  ["n", "key_step", "[data-rows] [data-step]", () => at()?.querySelector("[data-step]")?.click()],
  ["x", "key_pick", picks, () => pick(at())],
  [" ", "key_pick", picks, (event) => { if (!at() || event.target.closest("button, input, summary")) return false; pick(at()); }],
];

const usable = (element) => element.checkVisibility() || element.closest("[data-bulk-bar]");
const named = () => [...document.querySelectorAll("[aria-keyshortcuts]")].filter(usable);
const words = (element) => (element.getAttribute("aria-label") || element.querySelector("span")?.textContent || [...element.childNodes].filter((n) => n.nodeType === 3).map((n) => n.textContent).join("")).trim();

function press(key) {
  const element = named().find((e) => e.getAttribute("aria-keyshortcuts").split(" ").includes(key));
  if (!element) return false;
  if (element.matches("input, textarea, select")) element.focus(); else element.click();
}

// The keys of this page, as they work now.
function help() {
  const lines = [
    ...named().map((e) => [e.getAttribute("aria-keyshortcuts"), words(e)]),
    ...lists.filter(([key, , needs]) => key !== " " && document.querySelector(needs)).map(([key, word]) => [key, say(word)]),
    ["Esc", say("key_close")],
    ["?", say("key_help")],
  ];
  const dialog = document.createElement("dialog"), title = document.createElement("h2"), list = document.createElement("dl");
  const shut = document.createElement("button");
  dialog.className = "y-dialog";
  dialog.setAttribute("aria-label", say("key_help"));
  title.textContent = say("key_help");
  list.className = "y-keys";
  for (const [key, text] of lines) {
    const line = document.createElement("div"), dt = document.createElement("dt"), kbd = document.createElement("kbd"), dd = document.createElement("dd");
    kbd.textContent = key.replace("Control+", "Ctrl ");
    kbd.dataset.press = key;
    dd.textContent = text;
    dt.append(kbd);
    line.append(dt, dd);
    list.append(line);
  }
  shut.type = "button";
  shut.className = "btn btn-primary";
  shut.textContent = say("key_shut");
  shut.addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => dialog.remove());
  const body = document.createElement("div"), more = document.createElement("p");
  for (const link of document.querySelectorAll("[data-help-more]")) more.append(Object.assign(link.cloneNode(true), { className: "btn" }), " ");
  more.append(shut);
  body.append(title, list, more);
  dialog.append(body);
  document.body.append(dialog);
  dialog.showModal();
}

export function keyboard() {
  document.addEventListener("keydown", (event) => {
    const box = event.target.closest?.(".y-search");
    if (box) return results(event, box);
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    if (event.key === "?") { event.preventDefault(); help(); return; }
    const own = lists.find(([key, , needs]) => key === event.key && document.querySelector(needs));
    if ((own ? own[3](event) : press(event.key)) !== false) event.preventDefault();
  });
  document.addEventListener("click", (event) => {
    const row = event.target.closest("[data-rows] [data-href]");
    if (row && !event.target.closest("a, button, input, label, summary, [data-tip]") && !getSelection().toString()) open(row, event);
  });
}

function open(row, event) {
  if (event.ctrlKey || event.metaKey) window.open(row.dataset.href, "_blank", "noopener");
  else location.href = row.dataset.href;
}

function results(event, box) {
  const links = [...box.querySelectorAll(".y-results a")];
  const at = links.indexOf(document.activeElement);
  if (event.key === "ArrowDown") { event.preventDefault(); (links[at + 1] || links[0])?.focus(); }
  if (event.key === "ArrowUp") { event.preventDefault(); at > 0 ? links[at - 1].focus() : box.querySelector("input").focus(); }
  if (event.key === "Escape") document.activeElement.blur();
}
