// A short sentence at the corner: from the last page, from an answer of htmx, from scripts.
import { say } from "./words.js";

const leave = (toast, after = 6000) => setTimeout(() => toast.remove(), after);

const button = (label, name, value) => {
  const made = document.createElement("button");
  Object.assign(made, { type: "button", textContent: label, className: "btn btn-sm" });
  made.dataset[name] = value;
  return made;
};

// With a number it stays until it is closed: nobody notes sixteen letters in six seconds.
export function toast(text, tone = "success", after = 6000, { number = "", href = "" } = {}) {
  // an open dialog makes everything outside it deaf: what is to be copied stands inside
  const box = (number && document.querySelector("dialog[open]")) || document.getElementById("toasts");
  const item = document.createElement("div");
  item.className = "y-toast";
  item.dataset.tone = tone;
  item.textContent = text;
  box.append(item);
  if (href) item.append(" ", Object.assign(document.createElement("a"), { href, textContent: say("look") }));
  if (!number) {
    leave(item, after);
    return item;
  }
  const line = document.createElement("p");
  const code = document.createElement("code");
  code.textContent = number;
  line.append(say("number") + " ", code, button(say("copy"), "copy", number), button(say("close"), "toastClose", ""));
  item.append(line);
  return item;
}

export function toasts() {
  document.querySelectorAll("#toasts .y-toast").forEach((item) => leave(item, Number(item.dataset.seconds || 6) * 1000));
  document.addEventListener("click", (event) => event.target.closest("[data-toast-close]")?.closest(".y-toast").remove());
  document.addEventListener("toast", (event) => toast(event.detail.text, event.detail.tone, 6000, { number: event.detail.number }));
  document.addEventListener("htmx:sendError", () => toast(say("failed"), "danger"));
  document.addEventListener("htmx:responseError", (event) => {
    const { xhr } = event.detail;
    if (!xhr.getResponseHeader("HX-Trigger")) toast(say("failed"), "danger", 6000, { number: xhr.getResponseHeader("X-Request-ID") || "" });
  });
}
