// Double submit does nothing twice, leaving with changes asks first, outward actions are confirmed.
import { ask } from "./overlay.js";
import { say } from "./words.js";

const hold = (form, on) => {
  for (const button of form.querySelectorAll("button[type=submit], button:not([type])")) {
    button.toggleAttribute("data-held", on);
    button.setAttribute("aria-disabled", String(on));
  }
  form.toggleAttribute("data-sending", on);
};

// Nothing pasted is cut off in silence: the whole text stays, with a sentence beside it.
function tooLong(area) {
  const most = Number(area.dataset.most);
  const units = area.value.length; // at most two for a character: only what is near the limit is counted one by one
  const long = units > 2 * most || (units > most && [...area.value].length > most);
  const field = area.closest(".y-field") || area.parentElement;
  field.classList.toggle("is-wrong", long);
  if (long) area.setAttribute("aria-invalid", "true"); else area.removeAttribute("aria-invalid");
  let said = field.querySelector(".y-too-long");
  if (long && !said) {
    said = document.createElement("p");
    said.className = "y-wrong y-too-long";
    said.setAttribute("role", "alert");
    area.after(said);
  }
  if (said) said.textContent = long ? say("too_long", most) : "";
  if (!long) said?.remove();
  return long;
}

// Where one decision leads to the next, the second half of a double click must not decide it: nobody has seen it yet.
const SEEN = 1000, DECIDED = "yinuo.decided"; // ms that a page a decision led to is shown before it takes another

export function guard() {
  const led = sessionStorage.getItem(DECIDED), shown = performance.now();
  sessionStorage.removeItem(DECIDED);
  document.addEventListener("input", (event) => { if (event.target.dataset?.most) tooLong(event.target); });
  document.addEventListener("submit", async (event) => {
    const form = event.target;
    if (form.matches("[data-steady]")) {
      if (led && performance.now() - shown < SEEN) { event.preventDefault(); event.stopImmediatePropagation(); return; }
      sessionStorage.setItem(DECIDED, "1");
    }
    if (form.dataset.sending !== undefined && form.matches("[data-guard]")) { event.preventDefault(); event.stopImmediatePropagation(); return; }
    const long = [...form.querySelectorAll("textarea[data-most]")].find(tooLong);
    if (long) { event.preventDefault(); event.stopImmediatePropagation(); long.focus(); return; }
    if (form.dataset.confirm && !form.dataset.confirmed) {
      event.preventDefault();
      event.stopImmediatePropagation();
      const by = event.submitter;
      if (await ask(form.dataset.confirm, by?.textContent.trim())) { form.dataset.confirmed = "1"; form.requestSubmit(by || undefined); }
      return;
    }
    delete form.dataset.confirmed;
    delete form.dataset.dirty;
    if (form.matches("[data-guard]")) setTimeout(() => hold(form, true)); // after the browser has read the button
  }, true);
  document.addEventListener("htmx:afterRequest", (event) => { const form = event.target.closest?.("form"); if (form) hold(form, false); });
  addEventListener("pageshow", () => document.querySelectorAll("form[data-sending]").forEach((form) => hold(form, false)));
  document.addEventListener("input", (event) => { const form = event.target.closest("form[data-guard]"); if (form) form.dataset.dirty = "1"; });
  addEventListener("beforeunload", (event) => {
    if (document.querySelector("form[data-guard][data-dirty]")) { event.preventDefault(); event.returnValue = say("leaving"); }
  });
  const first = document.querySelector("[data-focus]:not([data-sample] *)"); // one that is only shown does not draw the page to itself
  if (first) {
    const field = document.querySelector(".is-wrong input, .is-wrong textarea, .is-wrong select");
    (field || first).focus();
  }
}
