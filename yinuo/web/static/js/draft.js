// Drafts: a form with data-draft is kept as it is typed, on the server and, should that fail, on this device.
import { say, token } from "./words.js";

const SKIP = new Set(["csrfmiddlewaretoken", "once", "version", "upload_key", "draft_key", "password", "coached", "wording_reason", "later", "send_at"]);
const LARGEST = 1e6;
const SENT = "yinuo.sent";
const local = (key) => "yinuo.draft." + key;

function read(form) {
  const data = {};
  for (const [name, value] of new FormData(form)) {
    if (SKIP.has(name) || value instanceof File) continue; // a password never is: such forms are not kept
    data[name] = name in data ? [].concat(data[name], value) : value;
  }
  return data;
}

function write(form, data) {
  for (const [name, value] of Object.entries(data)) {
    const values = [].concat(value);
    for (const field of form.querySelectorAll(`[name="${CSS.escape(name)}"]`)) {
      if (field.type === "checkbox" || field.type === "radio") field.checked = values.includes(field.value);
      else if (field.type !== "hidden" && field.type !== "file") field.value = values[0] ?? "";
    }
  }
  form.dispatchEvent(new CustomEvent("draft:restored", { bubbles: true }));
}

// What the form was filled with when typing began: a draft of a form that is filled with something else by now is offered.
const BASE = "draft_base";
const base = (form, pristine) => "draftFresh" in form.dataset ? { [BASE]: JSON.stringify(pristine) } : {};

const differs = (a, b) => Object.keys(b).some((k) => String(a[k] ?? "") !== String(b[k] ?? ""));

async function restore(form, key, pristine, state) {
  let found = JSON.parse(localStorage.getItem(local(key)) || "null"); // there only while the server has not got it
  if (!found) try {
    const answer = await fetch("/drafts/?key=" + encodeURIComponent(key), { headers: { Accept: "application/json" } });
    if (answer.ok) found = (await answer.json()).data;
  } catch { /* offline, and nothing on this device either */ }
  const began = found?.[BASE];
  if (found) delete found[BASE];
  if (!found || form.dataset.dirty || form.querySelector(".is-wrong, [role=alert]") || !differs(pristine, found)) return;
  if (differs(pristine, read(form))) return; // the person is already typing
  const put = () => {
    write(form, found);
    form.dataset.dirty = "1";
    state.textContent = say("draft_found") + " ";
    state.append(button("draft_drop", () => {
      write(form, pristine);
      form.reset();
      forget(key);
      delete form.dataset.dirty;
      state.textContent = "";
    }));
  };
  if (began === base(form, pristine)[BASE]) return put();
  state.textContent = say("draft_older") + " ";
  state.append(button("draft_put", put));
}

function button(word, click) {
  const made = document.createElement("button");
  made.type = "button";
  made.textContent = say(word);
  made.addEventListener("click", click);
  return made;
}

export function forget(key) {
  localStorage.removeItem(local(key));
  fetch("/drafts/", { method: "POST", keepalive: true, headers: { "X-CSRFToken": token(), "Content-Type": "application/json" },
    body: JSON.stringify({ key, data: null }) }).catch(() => {});
}

function watch(form) {
  const key = form.dataset.draft;
  const state = form.querySelector(".y-draft-state") || document.createElement("span");
  const pristine = read(form);
  let timer = 0;
  const save = async () => {
    const data = { ...read(form), ...base(form, pristine) };
    if (JSON.stringify(data).length > LARGEST) { state.textContent = say("draft_large"); return; }
    try { localStorage.setItem(local(key), JSON.stringify(data)); } catch { /* full: the server keeps it */ }
    try {
      const answer = await fetch("/drafts/", { method: "POST", headers: { "X-CSRFToken": token(), "Content-Type": "application/json" },
        body: JSON.stringify({ key, data }) });
      const kept = answer.ok && !answer.redirected; // redirected: signed out
      if (kept) localStorage.removeItem(local(key));
      state.textContent = say(kept ? "draft_saved" : "draft_local");
    } catch { state.textContent = say("draft_local"); }
  };
  form.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(save, 900); });
  form.addEventListener("submit", () => { // kept here until the server has said that it took it
    clearTimeout(timer);
    try { localStorage.setItem(local(key), JSON.stringify({ ...read(form), ...base(form, pristine) })); } catch { /* full */ }
  });
  restore(form, key, pristine, state);
}

// What was sent stays on the device until an answer says it was taken: a lost session, a lost network or a fault of
// ours brings it back into the form it came from.
function taken() {
  const said = document.cookie.split("; ").find((c) => c.startsWith("sent="));
  if (!said) return;
  document.cookie = "sent=; Max-Age=0; path=/; SameSite=Lax";
  sessionStorage.removeItem(SENT);
  localStorage.removeItem(local(decodeURIComponent(said.slice(5))));
}

function giveBack(form) {
  const sent = JSON.parse(sessionStorage.getItem(SENT) || "null");
  if (!sent || sent.page !== location.pathname || sent.action !== (form.getAttribute("action") || "")) return;
  if (form.querySelector(".is-wrong, [role=alert]") || !differs(read(form), sent.data)) return;
  sessionStorage.removeItem(SENT);
  write(form, sent.data);
  form.dataset.dirty = "1";
  form.closest("details")?.setAttribute("open", "");
  const state = form.querySelector(".y-draft-state");
  if (state) state.textContent = say("draft_found");
}

export function keepSent() {
  taken();
  document.addEventListener("htmx:afterRequest", taken);
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.matches("form[data-guard]") || form.querySelector("[type=password]")) return;
    const data = read(form);
    if (!Object.values(data).some(Boolean)) return;
    try { sessionStorage.setItem(SENT, JSON.stringify({ page: location.pathname, action: form.getAttribute("action") || "", data })); } catch { /* too long for this device */ }
  });
}

export function drafts(root) {
  const guarded = root.matches?.("form[data-guard]") ? [root] : root.querySelectorAll("form[data-guard]");
  guarded.forEach(giveBack);
  const forms = root.matches?.("form[data-draft]") ? [root] : root.querySelectorAll("form[data-draft]");
  for (const form of forms) if (!form.dataset.watched) { form.dataset.watched = "1"; watch(form); }
}
