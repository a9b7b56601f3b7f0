// Ready words: the drawer 知识与模板 by keyboard, and putting words into a field where the caret is, so that Ctrl Z takes them out.
import { best } from "./fuzzy.js";
import { ask } from "./overlay.js";
import { toast } from "./toast.js";
import { say, token } from "./words.js";

const GAP = /[{｛][^{}｛｝\n]{0,40}[\u4e00-\u9fff][^{}｛｝\n]{0,40}[}｝]/;
let slash = null; // where "/" opened the drawer; what was typed comes back if nothing is taken

const caret = (area) => [area.selectionStart, area.selectionEnd];

function put(area, words, [at, end]) {
  // an article does not fit into the gap of a sentence, where the last template left the caret: it comes after it
  if (words.includes("\n") && GAP.test(area.value.slice(at, end))) at = end = area.value.length;
  area.focus();
  area.setSelectionRange(at, end);
  const text = at === end && at === area.value.length && at && area.value[at - 1] !== "\n" && words.includes("\n") ? "\n" + words : words;
  const before = area.value;
  if (!document.execCommand("insertText", false, text) || area.value === before) {
    area.setRangeText(text, at, end, "end");
    area.dispatchEvent(new Event("input", { bubbles: true }));
  }
  const gap = GAP.exec(text);
  if (gap) area.setSelectionRange(at + gap.index, at + gap.index + gap[0].length);
  area.scrollIntoView({ block: "nearest" });
}

async function take(button) {
  const area = document.querySelector(button.dataset.insertInto);
  if (!area || area.disabled || area.readOnly) return;
  const { text, insertAsk, used, use } = button.dataset;
  if (insertAsk && !await ask(insertAsk, button.textContent.trim())) return;
  slash = null;
  const drawer = button.closest("dialog"), place = caret(area);
  if (drawer && !drawer.contains(area)) drawer.close(); // which gives the field back its focus, but not its caret
  setTimeout(() => put(area, text, place));
  if (!used) return;
  try {
    await fetch(used, { method: "POST", keepalive: true, headers: { "X-CSRFToken": token(), "HX-Request": "true" }, body: new URLSearchParams(JSON.parse(use)) });
  } catch { /* only the count is missing */ }
  toast(say("inserted"));
}

const items = (box) => [...box.querySelectorAll("[data-ready-item]")].filter((e) => e.checkVisibility());

function narrow(box, typed) {
  const list = box.querySelector("[data-ready-templates]");
  const lines = [...list.children].map((line, n) => [best(typed, line.dataset.label, line.dataset.keys), n, line]);
  for (const [score, , line] of lines) line.hidden = score <= 0;
  if (typed) lines.sort((a, b) => b[0] - a[0] || a[1] - b[1]);
  list.append(...lines.map(([, , line]) => line));
  box.querySelector("[data-ready-none]").hidden = lines.some(([score]) => score > 0);
  mark(box, 0);
}

function mark(box, at) {
  const shown = items(box);
  for (const old of box.querySelectorAll(".is-at")) old.classList.remove("is-at");
  const one = shown[(at + shown.length) % (shown.length || 1)];
  one?.classList.add("is-at");
  one?.scrollIntoView({ block: "nearest" });
}

function pressed(event) {
  const box = event.target.closest("[data-ready]");
  if (!box || !event.target.matches("[data-ready-find]")) return;
  const shown = items(box), at = shown.findIndex((e) => e.classList.contains("is-at"));
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step && shown.length) { event.preventDefault(); mark(box, at < 0 && step < 0 ? -1 : at + step); }
  if (event.key !== "Enter" || event.isComposing) return;
  event.preventDefault();
  const one = shown[at] || shown[0];
  const ready = box.querySelector("[data-ready-preview] [data-insert-into]");
  if (ready && one && box.dataset.previewed === one.getAttribute("href")) ready.click();
  else one?.click();
}

function opened(event) {
  const area = event.target;
  if (event.key !== "/" || event.isComposing || event.ctrlKey || event.metaKey || event.altKey || !area.matches?.("textarea[id]")) return;
  const link = document.querySelector(`[data-answering="#${CSS.escape(area.id)}"]`);
  const at = area.selectionStart;
  if (!link || at !== area.selectionEnd || (at && area.value[at - 1] !== "\n")) return;
  event.preventDefault();
  slash = { area, place: caret(area) };
  link.click();
}

export function inserting() {
  document.addEventListener("keydown", (event) => { pressed(event); opened(event); });
  document.addEventListener("input", (event) => {
    if (event.target.matches?.("[data-ready-find]")) narrow(event.target.closest("[data-ready]"), event.target.value.trim());
  });
  document.addEventListener("click", (event) => {
    const item = event.target.closest("[data-ready-item]");
    if (item) { item.closest("[data-ready]").dataset.previewed = item.getAttribute("href"); mark(item.closest("[data-ready]"), items(item.closest("[data-ready]")).indexOf(item)); }
    const button = event.target.closest("[data-insert-into]");
    if (button) take(button);
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target?.id === "ready-preview") event.detail.target.scrollIntoView({ block: "nearest" });
  });
  document.getElementById("drawer")?.addEventListener("close", () => { if (slash) { const { area, place } = slash; slash = null; put(area, "/", place); } });
}
