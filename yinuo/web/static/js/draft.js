// Drafts: a form with data-draft is kept as it is typed, on the server and, should that fail, on this device.
import { say, token } from "./words.js";

const SKIP = new Set(["csrfmiddlewaretoken", "once", "version", "upload_key", "draft_key", "password"]);
const local = (key) => "yinuo.draft." + key;

function read(form) {
  const data = {};
  for (const [name, value] of new FormData(form)) {
    if (SKIP.has(name) || value instanceof File) continue;
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

const differs = (a, b) => Object.keys(b).some((k) => String(a[k] ?? "") !== String(b[k] ?? ""));

async function restore(form, key, pristine, state) {
  let found = null;
  try {
    const answer = await fetch("/drafts/?key=" + encodeURIComponent(key), { headers: { Accept: "application/json" } });
    if (answer.ok) found = (await answer.json()).data;
  } catch { /* offline: the copy on this device serves */ }
  found ||= JSON.parse(localStorage.getItem(local(key)) || "null");
  if (!found || form.querySelector(".is-wrong, [role=alert]") || !differs(pristine, found)) return;
  if (differs(pristine, read(form))) return; // the person is already typing
  write(form, found);
  form.dataset.dirty = "1";
  state.textContent = say("draft_found") + " ";
  const drop = document.createElement("button");
  drop.type = "button";
  drop.textContent = say("draft_drop");
  drop.addEventListener("click", () => {
    write(form, pristine);
    form.reset();
    forget(key);
    delete form.dataset.dirty;
    state.textContent = "";
  });
  state.append(drop);
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
    const data = read(form);
    try { localStorage.setItem(local(key), JSON.stringify(data)); } catch { /* full: the server keeps it */ }
    try {
      const answer = await fetch("/drafts/", { method: "POST", headers: { "X-CSRFToken": token(), "Content-Type": "application/json" },
        body: JSON.stringify({ key, data }) });
      state.textContent = say(answer.ok ? "draft_saved" : "draft_local");
    } catch { state.textContent = say("draft_local"); }
  };
  form.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(save, 900); });
  form.addEventListener("submit", () => { clearTimeout(timer); localStorage.removeItem(local(key)); });
  restore(form, key, pristine, state);
}

export function drafts(root) {
  const forms = root.matches?.("form[data-draft]") ? [root] : root.querySelectorAll("form[data-draft]");
  for (const form of forms) if (!form.dataset.watched) { form.dataset.watched = "1"; watch(form); }
}
