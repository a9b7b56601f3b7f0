// Keys: "/" search, "c" new, j k Enter in lists, "?" help. Never while typing.
const typing = (element) => element.closest("input, textarea, select, [contenteditable], dialog[open]");

function step(by) {
  const rows = [...document.querySelectorAll("[data-rows] [data-href]")];
  if (!rows.length) return;
  const at = rows.findIndex((row) => row.classList.contains("is-at"));
  const next = rows[Math.max(0, Math.min(rows.length - 1, at < 0 ? 0 : at + by))];
  rows.forEach((row) => row.classList.toggle("is-at", row === next));
  next.scrollIntoView({ block: "nearest" });
  (next.querySelector("a") || next).focus({ preventScroll: true });
}

const keys = {
  "/": () => document.getElementById("global-search")?.focus(),
  c: () => document.querySelector('[data-key="c"]')?.click(),
  j: () => step(1),
  k: () => step(-1),
  "?": () => { location.href = "/keys/"; },
};

export function keyboard() {
  document.addEventListener("keydown", (event) => {
    const box = event.target.closest?.(".y-search");
    if (box) return results(event, box);
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    if (event.key === "Enter") {
      const row = document.querySelector("[data-rows] .is-at");
      if (row && !event.target.closest("a, button")) { event.preventDefault(); open(row, event); }
      return;
    }
    const act = keys[event.key];
    if (act) { event.preventDefault(); act(); }
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
