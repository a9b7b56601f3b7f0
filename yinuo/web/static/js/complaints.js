// The complaint desk's own small scripts: recognised customer, proposal rows, ready sentences.
let filled = "";

function fillName() {
  const picked = document.querySelector('#who input[name="customer_id"]:checked');
  const name = document.getElementById("id_name");
  if (!picked || !name || !picked.dataset.name) return;
  if (!name.value || name.value === filled) { name.value = picked.dataset.name; filled = name.value; }
}

function total() {
  for (const form of document.querySelectorAll(".d-proposal")) {
    let sum = 0;
    for (const field of form.querySelectorAll('.d-item:not([hidden]) [name$=".amount"]')) sum += Number(field.value.replace(/[,，¥￥\s]/g, "")) || 0;
    const shown = form.querySelector("[data-total]");
    if (shown) shown.textContent = "¥" + sum.toLocaleString("zh-CN", { minimumFractionDigits: 2, maximumFractionDigits: 2 });
  }
}

document.addEventListener("change", (event) => { if (event.target.matches?.('[name="customer_id"]')) fillName(); });
document.addEventListener("htmx:oobAfterSwap", total);
document.addEventListener("htmx:afterSwap", (event) => { if (event.detail.target?.id === "who") fillName(); total(); });
// What was filled in from an earlier case is a change like any typed one: seen, kept as a draft, not lost by leaving.
document.addEventListener("htmx:afterSettle", () => {
  const taken = document.querySelector("[data-taken]:not([data-seen])");
  if (!taken) return;
  taken.dataset.seen = "1";
  taken.closest("details")?.setAttribute("open", "");
  taken.focus({ preventScroll: true });
  taken.scrollIntoView({ block: "start" });
  taken.closest("form").querySelector('[name="reason"]').dispatchEvent(new Event("input", { bubbles: true }));
});
document.addEventListener("input", (event) => { if (event.target.matches?.('[name$=".amount"]')) total(); });
document.addEventListener("draft:restored", (event) => {
  total();
  for (const row of event.target.querySelectorAll(".d-item[hidden]")) if ([...row.querySelectorAll("input, select")].some((f) => f.value)) row.hidden = false;
  for (const field of event.target.querySelectorAll('[name="phone"], [name="content"]')) if (field.value) field.dispatchEvent(new Event("input", { bubbles: true }));
});
document.addEventListener("click", (event) => {
  const lead = event.target.closest('a[href^="#now-"], a[href^="#say-"]');
  const there = lead && document.getElementById(lead.hash.slice(1));
  if (there) { // what is to be done has its form on this page: unfold it and go there
    event.preventDefault();
    there.closest("details")?.setAttribute("open", "");
    there.scrollIntoView({ block: "start" });
    there.querySelector("input:not([type=hidden]), textarea, select")?.focus({ preventScroll: true });
  }
  const more = event.target.closest("[data-more-items]");
  if (more) {
    const row = more.closest("form").querySelector(".d-item[hidden]");
    if (row) { row.hidden = false; row.querySelector("select").focus(); }
    if (!more.closest("form").querySelector(".d-item[hidden]")) more.hidden = true;
  }
  const ready = event.target.closest("[data-insert]");
  if (ready) {
    const area = document.querySelector(ready.dataset.insert);
    area.value = area.value ? area.value.replace(/\s*$/, "\n") + ready.textContent : ready.textContent;
    area.dispatchEvent(new Event("input", { bubbles: true }));
    area.focus();
  }
});
total();
fillName();
