/* The public pages work without this; with it photos go ahead, nothing is sent twice, and one can sign by hand. */
import { files } from "./files.js";
import { sign } from "./sign.js";

const all = (selector, root = document) => [...root.querySelectorAll(selector)];

/** Solve the form's puzzle while the visitor types. */
function prove(form) {
  const field = form.elements.proof;
  if (!field || !form.dataset.proof || !window.Worker) return Promise.resolve();
  return new Promise((done) => {
    const worker = new Worker(form.dataset.proof);
    const finish = (answer) => { field.value = answer; worker.terminate(); done(); };
    worker.onmessage = (event) => finish(event.data);
    worker.onerror = () => finish("");
    worker.postMessage({ token: form.elements.ticket.value, bits: 16 });
  });
}

/** Keep what was typed across an accidental reload, in this tab only. */
function keep(form) {
  const key = `portal:${form.dataset.keep}`;
  const named = all("textarea, input[type=text], input[type=tel], input[type=email], input:not([type])", form)
    .filter((e) => e.name && e.name !== "fax" && e.type !== "hidden");
  try {
    const kept = JSON.parse(sessionStorage.getItem(key) || "{}");
    for (const e of named) if (!e.value && typeof kept[e.name] === "string") e.value = kept[e.name];
    form.addEventListener("input", () => {
      sessionStorage.setItem(key, JSON.stringify(Object.fromEntries(named.map((e) => [e.name, e.value]))));
    });
  } catch { /* private mode without storage */ }
}

for (const form of all("form[data-form]")) {
  const solved = prove(form);
  const uploads = all("[data-files]", form).map((box) => files(box, form, solved));
  if (form.dataset.keep) keep(form);
  if ("sign" in form.dataset) sign(form);
  let sending = false;
  form.addEventListener("submit", async (event) => {
    if (form.dataset.ready) return;
    event.preventDefault();
    if (sending) return;
    sending = true;
    const button = event.submitter || form.querySelector("button[type=submit]");
    const words = button ? button.innerHTML : "";
    if (button) { button.setAttribute("aria-disabled", "true"); button.textContent = form.dataset.busy || words; }
    await new Promise((later) => setTimeout(later)); // a form cannot be sent again while this event still runs
    await solved;
    await Promise.all(uploads.map((box) => box.settled()));
    form.dataset.ready = "1";
    form.requestSubmit(button && button.form === form ? button : undefined);
    setTimeout(() => {
      delete form.dataset.ready;
      sending = false;
      if (button) { button.removeAttribute("aria-disabled"); button.innerHTML = words; }
    }, 8000);
  });
}

for (const receipt of all("[data-clear]")) {
  try { sessionStorage.removeItem(`portal:${receipt.dataset.clear}`); } catch { /* nothing kept */ }
}

for (const button of all("[data-copy]")) {
  if (!navigator.clipboard) continue;
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(button.dataset.copy);
    button.textContent = button.dataset.copied;
  });
}

const alert = document.querySelector("[data-focus]");
if (alert) alert.focus({ preventScroll: false });
const wrong = document.querySelector("[aria-invalid=true]");
if (wrong) wrong.scrollIntoView({ block: "center" });
