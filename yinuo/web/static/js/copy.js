// data-copy="text": a button that puts it on the clipboard, also where the browser has no clipboard of its own (plain http).
import { toast } from "./toast.js";
import { say } from "./words.js";

async function copy(text, beside) {
  try { await navigator.clipboard.writeText(text); }
  catch {
    const area = document.createElement("textarea");
    area.value = text;
    beside.after(area); // in an open dialog nothing outside it can be selected
    area.select();
    document.execCommand("copy");
    area.remove();
    beside.focus();
  }
  toast(say("copied"));
}

export function copying() {
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-copy]");
    if (button) copy(button.dataset.copy, button);
  });
}
