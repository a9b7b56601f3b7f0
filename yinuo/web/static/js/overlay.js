// Drawer and dialog (native <dialog>), and menus placed under their button.
import { say } from "./words.js";

const LATE = 200; // milliseconds
const element = (id) => document.getElementById(id);

export function ask(text, yes) {
  return new Promise((answer) => {
    const dialog = document.createElement("dialog");
    dialog.className = "y-dialog";
    const body = document.createElement("div");
    const words = document.createElement("p");
    words.textContent = text;
    const foot = document.createElement("footer");
    const button = (label, cls, value) => {
      const b = document.createElement("button");
      b.type = "button"; b.className = "btn " + cls; b.textContent = label;
      b.addEventListener("click", () => { dialog.returnValue = value; dialog.close(value); });
      foot.append(b);
      return b;
    };
    button(say("cancel"), "btn-ghost", "");
    const ok = button(yes || say("confirm"), "btn-primary", "yes");
    body.append(words, foot);
    dialog.append(body);
    document.body.append(dialog);
    dialog.addEventListener("close", () => { answer(dialog.returnValue === "yes"); dialog.remove(); });
    dialog.showModal();
    ok.focus();
  });
}

export function overlays() {
  // Opened over a list: what is sent from inside closes it again and leaves the list in place.
  document.addEventListener("htmx:configRequest", (event) => {
    const from = event.target.closest?.("dialog");
    if (from?.hasAttribute("data-stay") || event.target.hasAttribute?.("data-stay")) event.detail.headers["X-Stay"] = "1";
  });
  document.addEventListener("htmx:beforeSwap", (event) => {
    const box = event.detail.target?.closest?.("dialog");
    if (box && event.detail.requestConfig?.headers["X-Stay"]) box.setAttribute("data-stay", "");
  });
  document.addEventListener("done", () => {
    for (const form of document.querySelectorAll("dialog[open] form[data-dirty]")) delete form.dataset.dirty;
    for (const name of ["drawer", "dialog"]) element(name)?.close();
  });
  // A drawer opens at once when its content takes a moment, and closes again should it not come.
  let late = 0;
  document.addEventListener("htmx:beforeRequest", (event) => {
    const name = event.target.dataset?.open;
    if (!name) return;
    event.target.closest("[popover]")?.hidePopover();
    const waiting = element("waiting");
    clearTimeout(late);
    if (waiting) late = setTimeout(() => {
      if (element(name).open) return;
      element(name + "-body").replaceChildren(waiting.content.cloneNode(true));
      element(name).showModal();
    }, LATE);
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    const name = event.target.dataset?.open;
    if (!name) return;
    clearTimeout(late);
    if (!event.detail.successful && element(name + "-body").querySelector(".y-skeleton")) element(name).close();
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    const box = event.detail.target?.closest("dialog");
    if (box && !box.open) box.showModal();
    if (!box || event.detail.target.closest("[data-ready]")) return;
    for (const first of ["[autofocus], .is-wrong :is(input, textarea, select)", "form :is(input:not([type=hidden]), textarea, select)", "a, button"]) {
      const field = box.querySelector(first);
      if (field) { field.focus(); return; }
    }
  });
  document.addEventListener("click", (event) => {
    const close = event.target.closest("[data-close]");
    if (close) close.closest("dialog")?.close();
    if (event.target instanceof HTMLDialogElement && event.target.open) {
      const r = event.target.getBoundingClientRect();
      if (event.clientX < r.left || event.clientX > r.right || event.clientY < r.top || event.clientY > r.bottom) {
        if (!event.target.querySelector("form[data-dirty]")) event.target.close();
      }
    }
    const pick = event.target.closest("details.y-pick");
    document.querySelectorAll("details.y-pick[open]").forEach((d) => d !== pick && d.removeAttribute("open"));
  });
  document.addEventListener("toggle", (event) => {
    const menu = event.target;
    if (!(menu instanceof HTMLElement) || !menu.matches(".y-menu[popover]") || event.newState !== "open") return;
    const by = document.querySelector(`[popovertarget="${menu.id}"]`)?.getBoundingClientRect();
    if (!by) return;
    menu.style.top = Math.min(by.bottom + 4, innerHeight - menu.offsetHeight - 8) + "px";
    menu.style.left = Math.max(8, Math.min(by.right - menu.offsetWidth, innerWidth - menu.offsetWidth - 8)) + "px";
    menu.querySelector("a, button")?.focus();
  }, true);
  for (const name of ["drawer", "dialog"]) element(name)?.addEventListener("close", () => { element(name).removeAttribute("data-stay"); element(name + "-body").replaceChildren(); });
}
