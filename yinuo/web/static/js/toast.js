// A short sentence at the corner: from the last page, from an answer of htmx, from scripts.
import { say } from "./words.js";

const leave = (toast) => setTimeout(() => toast.remove(), 6000);

export function toast(text, tone = "success") {
  const box = document.getElementById("toasts");
  const item = document.createElement("div");
  item.className = "y-toast";
  item.dataset.tone = tone;
  item.textContent = text;
  box.append(item);
  leave(item);
  return item;
}

export function toasts() {
  document.querySelectorAll(".y-toast").forEach(leave);
  document.addEventListener("toast", (event) => toast(event.detail.text, event.detail.tone));
  document.addEventListener("htmx:sendError", () => toast(say("failed"), "danger"));
  document.addEventListener("htmx:responseError", (event) => {
    if (!event.detail.xhr.getResponseHeader("HX-Trigger")) toast(say("failed"), "danger");
  });
}
