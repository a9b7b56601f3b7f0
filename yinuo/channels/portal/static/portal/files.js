/* Photos: each is made smaller, sent as soon as it is chosen and shown; the form only carries the key they wait under. */
const BIG = 25 * 1024 * 1024;
/* A phone's photo is a dozen megabytes; nobody needs more than this to see what leaks. */
const WIDE = 2560;
const HEAVY = 1.5 * 1024 * 1024;

/** A large photo as a smaller JPEG, turned the right way up and without where it was taken; whatever cannot be read
 * as a picture here goes as it is. */
async function lighter(file) {
  if (!/^image\/(jpeg|png|webp)$/.test(file.type) || file.size < HEAVY || !window.createImageBitmap) return file;
  try {
    const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
    const scale = Math.min(1, WIDE / Math.max(picture.width, picture.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.max(1, Math.round(picture.width * scale));
    canvas.height = Math.max(1, Math.round(picture.height * scale));
    canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
    picture.close();
    const small = await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.86));
    if (!small || small.size >= file.size) return file;
    return new File([small], file.name.replace(/\.(png|webp|jpe?g)$/i, "") + ".jpg", { type: "image/jpeg" });
  } catch { return file; }
}

/** POST with a word on how far it has come, which fetch cannot give. */
function sent(address, data, told) {
  return new Promise((done, failed) => {
    const request = new XMLHttpRequest();
    request.open("POST", address);
    request.responseType = "text";
    request.upload.addEventListener("progress", (event) => { if (event.lengthComputable) told(event.loaded / event.total); });
    request.addEventListener("load", () => {
      try { done({ ok: request.status >= 200 && request.status < 300, told: JSON.parse(request.responseText) }); }
      catch (error) { failed(error); }
    });
    for (const end of ["error", "abort", "timeout"]) request.addEventListener(end, () => failed(new TypeError(end)));
    request.send(data);
  });
}

export function files(box, form, solved) {
  const list = box.querySelector(".p-shots");
  const wrong = box.querySelector("[data-file-wrong]");
  const running = new Set();
  const say = (text) => { wrong.textContent = text || ""; };

  const packed = (values) => {
    const data = new FormData();
    data.append("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
    data.append("ticket", form.elements.ticket.value);
    data.append("proof", form.elements.proof?.value || "");
    for (const [name, value] of Object.entries(values)) data.append(name, value);
    return data;
  };
  const post = (address, values) => fetch(address, { method: "POST", body: packed(values), credentials: "same-origin" });

  const row = (file) => {
    const item = document.createElement("li");
    const shot = document.createElement("span");
    shot.className = "p-shot";
    if (file.type.startsWith("image/")) {
      const image = document.createElement("img");
      image.src = URL.createObjectURL(file);
      image.alt = "";
      image.onerror = () => image.remove();  // says it is a picture and is none
      shot.append(image);
    }
    const name = document.createElement("span");
    name.className = "p-shot-name";
    name.textContent = file.name;
    const bar = document.createElement("progress");
    bar.className = "p-far";
    bar.max = 1;
    bar.setAttribute("aria-label", file.name);
    item.append(shot, name, bar);
    item.dataset.busy = "";
    list.append(item);
    return item;
  };

  const removable = (item, id) => {
    item.dataset.id = id;
    item.querySelector("progress")?.remove();
    item.querySelector(".p-drop-one")?.remove();
    const button = document.createElement("button");
    button.type = "button";
    button.className = "p-drop-one";
    button.textContent = box.dataset.remove;
    button.addEventListener("click", async () => {
      await post(box.dataset.discard, { id });
      item.remove();
      say("");
    });
    item.append(button);
  };

  const send = async (chosen) => {
    if (list.children.length >= Number(box.dataset.most)) { say(box.dataset.many); return; }
    const item = row(chosen);
    const bar = item.querySelector("progress");
    let file = chosen;
    try {
      file = await lighter(chosen);
      if (file.size > BIG) throw new Error(box.dataset.big);
      await solved;
      const { ok, told } = await sent(box.dataset.files, packed({ file }), (part) => { bar.value = part; });
      if (!ok) throw new Error(told.error);
      delete item.dataset.busy;
      removable(item, told.id);
    } catch (error) {
      item.remove();
      say(`${file.name}：${error instanceof SyntaxError || error instanceof TypeError ? box.dataset.failed : error.message}`);
    }
  };

  for (const item of [...list.children]) removable(item, item.dataset.id);
  for (const input of box.querySelectorAll("input[type=file]")) input.addEventListener("change", () => {
    say("");
    for (const file of [...input.files]) {
      const work = send(file).finally(() => running.delete(work));
      running.add(work);
    }
    input.value = "";
  });
  return { settled: () => Promise.all([...running]) };
}
