/* Photos: each is sent as soon as it is chosen and shown small; the form only carries the key they wait under. */
const BIG = 25 * 1024 * 1024;

export function files(box, form, solved) {
  const list = box.querySelector(".p-shots");
  const input = box.querySelector("input[type=file]");
  const wrong = box.querySelector("[data-file-wrong]");
  const running = new Set();
  const say = (text) => { wrong.textContent = text || ""; };

  const post = (address, values) => {
    const data = new FormData();
    data.append("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
    data.append("ticket", form.elements.ticket.value);
    data.append("proof", form.elements.proof?.value || "");
    for (const [name, value] of Object.entries(values)) data.append(name, value);
    return fetch(address, { method: "POST", body: data, credentials: "same-origin" });
  };

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
    item.append(shot, name);
    item.dataset.busy = "";
    list.append(item);
    return item;
  };

  const removable = (item, id) => {
    item.dataset.id = id;
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

  const send = async (file) => {
    if (file.size > BIG) { say(`${file.name}：${box.dataset.big}`); return; }
    if (list.children.length >= Number(box.dataset.most)) { say(box.dataset.many); return; }
    const item = row(file);
    try {
      await solved;
      const answer = await post(box.dataset.files, { file });
      const told = await answer.json();
      if (!answer.ok) throw new Error(told.error);
      delete item.dataset.busy;
      removable(item, told.id);
    } catch (error) {
      item.remove();
      say(`${file.name}：${error instanceof SyntaxError || error instanceof TypeError ? box.dataset.failed : error.message}`);
    }
  };

  for (const item of [...list.children]) removable(item, item.dataset.id);
  input.addEventListener("change", () => {
    say("");
    for (const file of [...input.files]) {
      const work = send(file).finally(() => running.delete(work));
      running.add(work);
    }
    input.value = "";
  });
  return { settled: () => Promise.all([...running]) };
}
