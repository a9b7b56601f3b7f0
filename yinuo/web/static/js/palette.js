// Ctrl K: whatever this person may do or open, by a few letters. Actions of this page first, then menus, customers, matters.
import { WHOLE, best } from "./fuzzy.js";
import { say } from "./words.js";

const MOST = 12, PAUSE = 200;
let box, field, list, foot, actions = null, choices = [], at = 0, late = 0, asked = 0, chosen = false;

const make = (tag, cls, text = "") => Object.assign(document.createElement(tag), { className: cls, textContent: text });

function build() {
  box = make("dialog", "y-palette");
  box.setAttribute("aria-label", say("palette"));
  field = make("input", "");
  Object.assign(field, { type: "text", placeholder: say("palette"), maxLength: 100, autocomplete: "off", spellcheck: false });
  list = make("ul", "");
  list.id = "palette-list";
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", say("palette"));
  for (const [name, value] of [["role", "combobox"], ["aria-expanded", "true"], ["aria-controls", list.id], ["aria-label", say("palette")], ["aria-autocomplete", "list"]]) field.setAttribute(name, value);
  foot = make("p", "y-palette-foot", say("palette_keys"));
  box.append(field, list, foot);
  document.body.append(box);
  field.addEventListener("input", () => { at = 0; chosen = true; found = []; show(); find(); });
  box.addEventListener("keydown", pressed);
  box.addEventListener("click", (event) => {
    const line = event.target.closest("[role=option]");
    if (line) go(choices[Number(line.dataset.at)], event.ctrlKey || event.metaKey);
  });
  box.addEventListener("close", () => { clearTimeout(late); asked += 1; });
}

// What the page itself offers as buttons and links; one of many alike ("去办理" in each row) would be a guess.
function here() {
  const shown = [...document.querySelectorAll("#main a.btn[href], #main button.btn")].filter((e) => e.checkVisibility() && !e.disabled);
  const named = shown.map((e) => ({ e, label: e.textContent.trim() || e.getAttribute("aria-label") || "" }));
  const many = (label) => named.filter((other) => other.label === label).length > 1;
  return named.filter(({ label }) => label && label.length < 40 && !many(label)).map(({ e, label }) => ({ group: say("palette_here"), label, keys: "", about: "", act: () => { e.scrollIntoView({ block: "center" }); e.focus(); e.click(); } }));
}

let found = [];
function show() {
  const typed = field.value.trim();
  const scored = [...here(), ...(actions || [])].map((a) => [best(typed, a.label, a.keys), a]).filter(([score]) => score > 0);
  if (typed) scored.sort((a, b) => b[0] - a[0]);
  const held = at > 0 ? choices[at] : null;
  const shown = scored.slice(0, typed ? MOST - 4 : 40), part = (whole) => shown.filter(([score]) => whole === (!typed || score >= WHOLE)).map(([, a]) => a);
  choices = [...part(true), ...(typed ? found : []), ...part(false)]; // letters scattered over a name are the last guess
  const still = held ? choices.findIndex((c) => c.label === held.label && c.url === held.url) : -1;
  at = still >= 0 ? still : Math.min(at, Math.max(0, choices.length - 1));
  const lines = [];
  let group = "";
  choices.forEach((choice, n) => {
    if (choice.group !== group) { group = choice.group; const head = make("li", "y-palette-group", group); head.setAttribute("role", "presentation"); lines.push(head); }
    const line = make("li", "", "");
    Object.assign(line.dataset, { at: String(n) });
    line.id = `palette-${n}`;
    line.setAttribute("role", "option");
    line.setAttribute("aria-selected", String(n === at));
    line.append(make("span", "", choice.label), make("small", "", choice.about || ""));
    lines.push(line);
  });
  if (!choices.length) lines.push(make("li", "y-palette-none", say("palette_none")));
  list.replaceChildren(...lines);
  mark();
}

function mark() {
  for (const line of list.querySelectorAll("[role=option]")) line.setAttribute("aria-selected", String(Number(line.dataset.at) === at));
  const line = document.getElementById(`palette-${at}`);
  field.setAttribute("aria-activedescendant", line ? line.id : "");
  line?.scrollIntoView({ block: "nearest" });
}

// Customers and matters, from the search that the page has anyway.
function find() {
  clearTimeout(late);
  const typed = field.value.trim(), mine = (asked += 1);
  if (!typed) { found = []; return; }
  late = setTimeout(async () => {
    try {
      const answer = await fetch(`${opener().dataset.find}?q=${encodeURIComponent(typed)}`, { headers: { "HX-Request": "true" } });
      if (!answer.ok || answer.redirected || mine !== asked) return;
      const part = new DOMParser().parseFromString(await answer.text(), "text/html");
      found = [...part.querySelectorAll("a[href]")].map((a) => ({ group: heading(a), label: a.querySelector("span:not(.y-badge):not(.y-grade)")?.textContent || a.textContent.trim(), about: a.querySelector("small")?.textContent || "", keys: "", url: a.getAttribute("href") }));
      if (mine === asked) { if (at >= choices.length) at = 0; show(); }
    } catch { /* the menus are there all the same */ }
  }, PAUSE);
}

function heading(link) {
  let e = link.previousElementSibling;
  while (e && e.tagName !== "H3") e = e.previousElementSibling;
  return e ? e.textContent : "";
}

function pressed(event) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step && choices.length) { event.preventDefault(); chosen = true; at = (at + step + choices.length) % choices.length; mark(); }
  // With nothing typed and nothing chosen an early Enter must not press the page's first button.
  if (event.key === "Enter" && !event.isComposing && choices[at] && (chosen || !choices[at].act)) { event.preventDefault(); go(choices[at], event.ctrlKey || event.metaKey); }
}

function go(choice, apart) {
  box.close();
  if (choice.act) choice.act();
  else if (apart) window.open(choice.url, "_blank", "noopener");
  else location.href = choice.url;
}

const opener = () => document.querySelector("[data-palette]");

async function open() {
  if (!opener() || document.querySelector("dialog[open]")) return;
  if (!box) build();
  field.value = "";
  chosen = false;
  found = [];
  at = 0;
  show();
  box.showModal();
  field.focus();
  if (actions) return;
  try {
    const answer = await fetch(opener().dataset.palette, { headers: { Accept: "application/json" } });
    if (answer.ok && !answer.redirected) { actions = (await answer.json()).actions; show(); }
  } catch { /* what the page offers is there all the same */ }
}

export function palette() {
  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey && event.key.toLowerCase() === "k") { event.preventDefault(); box?.open ? box.close() : open(); }
  });
  document.addEventListener("click", (event) => { if (event.target.closest("[data-palette]")) open(); });
}
