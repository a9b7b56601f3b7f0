// A short sentence at the corner: from the last page, from an answer of htmx, from scripts.
import { say } from "./words.js";

const leave = (toast, after = 6000) => setTimeout(() => toast.remove(), after);

export function toast(text, tone = "success", after = 6000) {
  const box = document.getElementById("toasts");
  const item = document.createElement("div");
  item.className = "y-toast";
  item.dataset.tone = tone;
  item.textContent = text;
  box.append(item);
  leave(item, after);
  return item;
}

export function toasts() {
  document.querySelectorAll("#toasts .y-toast").forEach((item) => leave(item, Number(item.dataset.seconds || 6) * 1000));
  document.addEventListener("toast", (event) => toast(event.detail.text, event.detail.tone));
  document.addEventListener("htmx:sendError", () => toast(say("failed"), "danger"));
  document.addEventListener("htmx:responseError", (event) => {
    if (!event.detail.xhr.getResponseHeader("HX-Trigger")) toast(say("failed"), "danger");
  });
}
