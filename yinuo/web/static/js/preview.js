// Attachments looked at in the page: images and the pages of a PDF as pictures; ← → other files, + − 0 zoom, Esc back.
import { say } from "./words.js";

const ZOOMS = ["1", "1.5", "2", "3"];
let box, links = [], here = 0, opener, turn = 0;

const part = (name) => box.querySelector(`[data-preview-${name}]`);

function picture(src, alt, size) {
  const img = document.createElement("img");
  if (size) { img.width = size[0]; img.height = size[1]; }
  img.loading = "lazy";
  img.alt = alt;
  img.addEventListener("error", () => img.replaceWith(sentence(say("preview_failed"))));
  img.src = src;
  return img;
}

function sentence(words) {
  const p = document.createElement("p");
  p.textContent = words;
  return p;
}

async function pages(link, mine) {
  const answer = await fetch(link.dataset.pages, { headers: { Accept: "application/json" } }).catch(() => null);
  const about = await answer?.json().catch(() => null);
  if (mine !== turn) return; // meanwhile another file is shown
  if (!about?.sizes?.length) return part("stage").replaceChildren(sentence(about?.detail || say("preview_failed")));
  const shown = about.sizes.map((size, n) => picture(`${link.dataset.pages}${n + 1}/`, say("preview_page", link.dataset.preview).replace("{n}", n + 1), size));
  if (about.pages > shown.length) shown.push(sentence(say("preview_more", about.pages).replace("{n}", shown.length)));
  part("stage").replaceChildren(...shown);
}

// What was in the middle stays in the middle.
function zoom(value) {
  const stage = part("stage");
  const middle = ["Left", "Top"].map((side, n) => { const size = n ? "Height" : "Width"; return [side, size, (stage["scroll" + side] + stage["client" + size] / 2) / stage["scroll" + size]]; });
  box.dataset.zoom = value;
  for (const [side, size, share] of middle) stage["scroll" + side] = share * stage["scroll" + size] - stage["client" + size] / 2;
  part("in").disabled = value === ZOOMS.at(-1);
  part("out").disabled = value === ZOOMS[0];
}

const step = (by) => zoom(ZOOMS[Math.max(0, Math.min(ZOOMS.length - 1, ZOOMS.indexOf(box.dataset.zoom) + by))]);

function show(n) {
  here = (n + links.length) % links.length;
  turn += 1;
  const link = links[here], name = link.dataset.preview;
  part("name").textContent = name;
  part("count").textContent = links.length > 1 ? `${here + 1} / ${links.length}` : "";
  for (const side of ["previous", "next"]) part(side).hidden = links.length < 2;
  part("download").href = link.href + "?download=1";
  box.dataset.kind = link.dataset.pages ? "pages" : "image";
  const stage = part("stage");
  zoom("1");
  stage.scrollTo(0, 0);
  if (link.dataset.pages) { stage.replaceChildren(sentence(say("preview_opening"))); pages(link, turn); }
  else stage.replaceChildren(picture(link.href, name));
}

function open(link) {
  const seen = new Set();
  const group = link.closest("dialog, main") || document.body;
  links = [...group.querySelectorAll("a[data-preview]")].filter((one) => !seen.has(one.href) && seen.add(one.href));
  opener = link.href;
  show(links.findIndex((one) => one.href === link.href));
  box.showModal();
  part("stage").focus();
}

function keys(event) {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const act = { ArrowLeft: () => show(here - 1), ArrowRight: () => show(here + 1), "+": () => step(1), "=": () => step(1), "-": () => step(-1), 0: () => zoom("1") }[event.key];
  event.stopPropagation(); // the page's own keys rest
  if (!act || (event.key.startsWith("Arrow") && (links.length < 2 || box.dataset.zoom !== "1"))) return;
  event.preventDefault();
  act();
}

export function previews() {
  box = document.getElementById("preview");
  if (!box) return;
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a[data-preview]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    open(link);
  });
  box.addEventListener("keydown", keys);
  part("previous").addEventListener("click", () => show(here - 1));
  part("next").addEventListener("click", () => show(here + 1));
  part("in").addEventListener("click", () => step(1));
  part("out").addEventListener("click", () => step(-1));
  part("stage").addEventListener("dblclick", () => zoom(box.dataset.zoom === "1" ? "2" : "1"));
  let from = null;
  box.addEventListener("touchstart", (event) => { from = event.touches.length === 1 && box.dataset.zoom === "1" ? event.touches[0] : null; }, { passive: true });
  box.addEventListener("touchend", (event) => {
    const to = event.changedTouches[0], x = from ? to.clientX - from.clientX : 0;
    if (links.length > 1 && Math.abs(x) > 60 && Math.abs(x) > 2 * Math.abs(to.clientY - from.clientY)) show(here + (x < 0 ? 1 : -1));
  }, { passive: true });
  box.addEventListener("close", () => {
    turn += 1;
    part("stage").replaceChildren();
    // the story may have been drawn anew meanwhile: back to the same file in it
    if (!document.activeElement || document.activeElement === document.body) [...document.querySelectorAll("a[data-preview]")].find((one) => one.href === opener)?.focus();
  });
}
