// The file picker: drag, paste, choose, photograph. Each file goes up at once; the form carries their key.
import { say, token } from "./words.js";
import { toast } from "./toast.js";

function row(box, file) {
  const item = document.createElement("li");
  const name = document.createElement("span");
  name.textContent = file.name;
  const bar = document.createElement("progress");
  bar.max = 1; bar.value = 0;
  const drop = document.createElement("button");
  drop.type = "button";
  drop.setAttribute("aria-label", say("remove") + " " + file.name);
  drop.textContent = "×";
  drop.addEventListener("click", () => {
    if (item.dataset.id) {
      const form = new FormData();
      form.append("upload_key", box.dataset.key);
      form.append("discard", item.dataset.id);
      fetch(box.dataset.files, { method: "POST", body: form, headers: { "X-CSRFToken": token() } }).catch(() => {});
    }
    item.remove();
  });
  item.append(name, bar, drop);
  box.querySelector(".y-file-list").append(item);
  return item;
}

function send(box, file) {
  const limit = Number(box.dataset.max);
  if (file.size > limit) { toast(say("too_large", file.name), "danger"); return; }
  const item = row(box, file);
  const request = new XMLHttpRequest();
  const form = new FormData();
  form.append("upload_key", box.dataset.key);
  form.append("file", file, file.name || "photo.png");
  request.open("POST", box.dataset.files);
  request.setRequestHeader("X-CSRFToken", token());
  request.setRequestHeader("Accept", "application/json");
  request.upload.onprogress = (event) => { if (event.lengthComputable) item.querySelector("progress").value = event.loaded / event.total; };
  const failed = (sentence) => { item.dataset.state = "failed"; item.querySelector("progress")?.remove(); item.querySelector("span").textContent = file.name + " · " + (sentence || say("failed")); };
  request.onerror = () => failed();
  request.onload = () => {
    let answer = {};
    try { answer = JSON.parse(request.responseText); } catch { /* not JSON: an error page */ }
    if (request.status >= 300 || !answer.id) return failed(answer.detail);
    item.querySelector("progress")?.remove();
    item.dataset.id = answer.id;
    box.closest("form")?.dispatchEvent(new Event("input", { bubbles: true }));
  };
  request.send(form);
}

// After a refused submit the files already there are listed again.
async function waiting(box) {
  try {
    const answer = await fetch(box.dataset.files + "?upload_key=" + encodeURIComponent(box.dataset.key));
    for (const file of (await answer.json()).files) {
      const item = row(box, file);
      item.dataset.id = file.id;
      item.querySelector("progress").remove();
    }
  } catch { /* the files stay on the server under the key */ }
}

export function files(root) {
  const boxes = root.matches?.("[data-files]") ? [root] : root.querySelectorAll("[data-files]");
  for (const box of boxes) {
    if (box.dataset.ready) continue;
    box.dataset.ready = "1";
    if (box.dataset.waiting !== undefined) waiting(box);
    const drop = box.querySelector(".y-drop");
    const take = (list) => [...list].forEach((file) => send(box, file));
    for (const input of box.querySelectorAll("input[type=file]")) input.addEventListener("change", (event) => { event.stopPropagation(); take(input.files); input.value = ""; });
    for (const name of ["dragover", "dragleave", "drop"]) drop.addEventListener(name, (event) => {
      event.preventDefault();
      drop.classList.toggle("is-over", name === "dragover");
      if (name === "drop") take(event.dataTransfer.files);
    });
    box.closest("form")?.addEventListener("paste", (event) => { if (event.clipboardData?.files.length) { event.preventDefault(); take(event.clipboardData.files); } });
  }
}
