// The wording coach: while an answer is written, words that hurt are underlined, explained and replaced at a touch.
// The underline is drawn by a twin of the text that lies behind the textarea; the text itself stays plain.
import { matcher } from "./matcher.js";
import { say } from "./words.js";

let rules = null; // asked for once, when somebody first writes to a customer
const load = (address) => (rules ||= fetch(address, { headers: { Accept: "application/json" } })
  .then((answer) => (answer.ok ? answer.json() : Promise.reject(answer.status)))
  .then((given) => { const began = performance.now(); const find = matcher(given); return { find, built: performance.now() - began, count: given.rules.length }; })
  .catch(() => { rules = null; return null; }));

const COPIED = ["borderTopWidth", "borderRightWidth", "borderBottomWidth", "borderLeftWidth", "paddingTop", "paddingRight", "paddingBottom", "paddingLeft",
  "fontFamily", "fontSize", "fontWeight", "fontStyle", "fontVariantLigatures", "letterSpacing", "wordSpacing", "lineHeight", "textIndent", "textTransform", "tabSize", "direction"];
const LISTED = 20;
const LABELS = { hint: "coach_hint", warn: "coach_warn", block: "coach_block" };

const make = (tag, cls, text) => { const made = document.createElement(tag); if (cls) made.className = cls; if (text) made.textContent = text; return made; };

const marked = (words, level) => { const mark = make("mark", "", words); mark.dataset.level = level; return mark; };

class Coach {
  constructor(area) {
    this.area = area;
    this.box = area.parentElement;
    this.findings = [];
    this.parts = [];
    this.listed = [];
    this.under = make("div", "y-coach-under");
    this.under.setAttribute("aria-hidden", "true");
    this.text = make("div");
    this.under.append(this.text);
    area.before(this.under);
    this.panel = make("div", "y-coach");
    this.panel.hidden = true;
    this.heard = make("p", "y-hidden");
    this.heard.id = area.id + "-coach";
    this.heard.setAttribute("aria-live", "polite");
    this.box.after(this.panel, this.heard);
    area.setAttribute("aria-describedby", [area.getAttribute("aria-describedby"), this.heard.id].filter(Boolean).join(" "));
    this.marker();
    area.addEventListener("input", () => this.soon());
    area.addEventListener("scroll", () => this.follow());
    new ResizeObserver(() => this.fit()).observe(area);
    area.form?.addEventListener("change", () => this.soon());
    this.soon();
  }

  // The server answers a form without this mark with the same findings; here they were seen while writing.
  marker() {
    if (!this.area.form || this.area.form.querySelector('input[name="coached"]')) return;
    const mark = make("input");
    mark.type = "hidden"; mark.name = "coached"; mark.value = "1";
    this.area.form.append(mark);
  }

  about() {
    const chosen = this.area.form?.elements.namedItem("kind");
    return { kind: chosen?.value || this.area.dataset.kind || "", channel: this.area.dataset.channel || "" };
  }

  soon() { cancelAnimationFrame(this.frame); this.frame = requestAnimationFrame(() => this.look()); }

  async look() {
    const text = this.area.value;
    if (!text && !this.findings.length) return;
    const known = await load(this.area.dataset.coach);
    if (!known || text !== this.area.value) return known && this.soon();
    const began = performance.now();
    const { findings, work } = known.find(text, this.about());
    this.draw(text, findings);
    const took = performance.now() - began;
    Object.assign(this.area.dataset, { work, found: findings.length, ms: took.toFixed(1), rules: known.count, built: known.built.toFixed(1) });
    this.findings = findings;
    this.show();
  }

  // The twin's pieces are text and marks by turns. Only those that are others than before are touched: a text of 2,000
  // characters is not laid out anew at every key.
  draw(text, findings) {
    const parts = [];
    let at = 0;
    for (const f of findings) {
      parts.push([text.slice(at, f.start), ""], [text.slice(f.start, f.end), f.rule.level]);
      at = f.end;
    }
    if (findings.length) parts.push([text.slice(at) + "\n", ""]);
    const old = this.parts, same = (a, b) => a[0] === b[0] && a[1] === b[1];
    let head = 0, tail = 0;
    const most = Math.min(old.length, parts.length);
    while (head < most && same(old[head], parts[head])) head += 1;
    while (tail < most - head && same(old[old.length - 1 - tail], parts[parts.length - 1 - tail])) tail += 1;
    const nodes = [...this.text.childNodes].slice(head, old.length - tail);
    const fresh = parts.slice(head, parts.length - tail);
    if (nodes.length === fresh.length && fresh.every((part, n) => part[1] === old[head + n][1])) {
      fresh.forEach(([words], n) => { const node = nodes[n].firstChild || nodes[n]; if (node.data !== words) node.data = words; });
    } else {
      const before = this.text.childNodes[old.length - tail] || null;
      nodes.forEach((node) => node.remove());
      for (const [words, level] of fresh) this.text.insertBefore(level ? marked(words, level) : document.createTextNode(words), before);
    }
    this.parts = parts;
    this.under.hidden = !findings.length;
  }

  // Asks the browser for sizes, which is dear: only when the field's own have changed.
  fit() {
    const style = getComputedStyle(this.area);
    for (const name of COPIED) this.text.style[name] = style[name];
    const bar = this.area.offsetWidth - this.area.clientWidth - parseFloat(style.borderLeftWidth) - parseFloat(style.borderRightWidth);
    // By its two edges, so that it narrows with the page even before it is measured again.
    const right = (this.area.offsetParent?.clientWidth ?? 0) - this.area.offsetLeft - this.area.offsetWidth + Math.max(0, bar);
    Object.assign(this.under.style, { top: this.area.offsetTop + "px", left: this.area.offsetLeft + "px", right: right + "px", height: this.area.offsetHeight + "px" });
    this.follow();
  }

  follow() { this.text.style.transform = `translate(${-this.area.scrollLeft}px, ${-this.area.scrollTop}px)`; }

  // Beneath the text the first of them with what to say instead; built anew when they are others.
  list(first) {
    const list = make("ul");
    first.forEach((f, n) => {
      const item = make("li");
      item.dataset.level = f.rule.level;
      const head = make("p");
      head.append(make("b", "", say(LABELS[f.rule.level])), make("q", "", f.words), document.createTextNode(" " + f.rule.why));
      item.append(head);
      const row = make("div", "y-coach-better");
      f.rule.instead.forEach((words) => {
        const button = make("button", "btn btn-sm", words);
        button.type = "button";
        button.setAttribute("aria-label", say("coach_replace", f.words).replace("{to}", words));
        button.addEventListener("click", () => this.replace(n, words));
        row.append(button);
      });
      if (f.rule.instead.length) item.append(row);
      list.append(item);
    });
    this.panel.replaceChildren(make("p", "y-coach-sum"), list);
    this.listed = first;
  }

  show() {
    const first = this.findings.slice(0, LISTED);
    if (first.length !== this.listed.length || first.some((f, n) => f.rule !== this.listed[n].rule || f.words !== this.listed[n].words)) this.list(first);
    const grave = this.findings.filter((f) => f.rule.level === "block").length;
    const said = this.findings.length ? say("coach_found", this.findings.length) + (grave ? say("coach_grave", grave) : "") : this.heard.textContent ? say("coach_none") : "";
    this.panel.hidden = !this.findings.length;
    for (const line of [this.heard, this.panel.querySelector(".y-coach-sum")]) if (line && line.textContent !== said) line.textContent = said;
  }

  // Typed into the text as a person would, so that Ctrl Z takes it back and the draft is kept.
  replace(n, words) {
    const f = this.findings[n];
    if (!f || this.area.value.slice(f.start, f.end) !== f.words) return this.soon();
    const after = this.area.value[f.end] || "";
    const fitted = /[。！？!?，,；;]$/.test(words) && /[。！？!?，,；;]/.test(after) ? words.slice(0, -1) : words;
    this.area.focus();
    this.area.setSelectionRange(f.start, f.end);
    if (!document.execCommand("insertText", false, fitted)) {
      this.area.setRangeText(fitted, f.start, f.end, "end");
      this.area.dispatchEvent(new Event("input", { bubbles: true }));
    }
  }
}

// Ctrl Enter sends; Alt Enter takes the first better wording for what stands at or before the caret.
function keys(event, coach) {
  if (event.key !== "Enter") return;
  if (event.ctrlKey || event.metaKey) {
    event.preventDefault();
    coach.area.form?.requestSubmit();
  } else if (event.altKey && coach.findings.length) {
    event.preventDefault();
    const caret = coach.area.selectionStart;
    let n = coach.findings.findLastIndex((f) => f.start <= caret);
    if (n < 0) n = 0;
    const words = coach.findings[n].rule.instead[0];
    if (words) coach.replace(n, words);
  }
}

export function coaches(root) {
  const areas = root.matches?.("textarea[data-coach]") ? [root] : root.querySelectorAll("textarea[data-coach]");
  for (const area of areas) {
    if (area.dataset.coached) continue;
    area.dataset.coached = "1";
    const coach = new Coach(area);
    area.addEventListener("keydown", (event) => keys(event, coach));
    area.form?.addEventListener("draft:restored", () => coach.soon());
  }
}
