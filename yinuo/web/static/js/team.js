// Dragging what one person owes to another: with the mouse anywhere on a row, with a finger by its grip. Dropping only
// opens the dialog that says what goes along; the row's own button does the same without dragging.
import { open } from "./bulk.js";

const FAR = 6, EDGE = 70;
let drag = null;

const keysOf = (row) => {
  const picked = [...document.querySelectorAll("[data-drag] [data-pick]:checked")].map((box) => box.value);
  return picked.includes(row.dataset.drag) ? picked : [row.dataset.drag];
};

function begin(event) {
  const row = event.target.closest("[data-drag]");
  const grip = event.target.closest("[data-grip]");
  if (!row || event.button || (event.pointerType !== "mouse" && !grip)) return;
  if (!grip && event.target.closest("button, input, label, .btn")) return;
  drag = { row, x: event.clientX, y: event.clientY, ghost: null, over: null };
}

function move(event) {
  if (!drag) return;
  if (!drag.ghost) {
    if (Math.hypot(event.clientX - drag.x, event.clientY - drag.y) < FAR) return;
    drag.ghost = document.createElement("div");
    drag.ghost.className = "y-ghost";
    const many = keysOf(drag.row).length;
    drag.ghost.textContent = drag.row.querySelector(".title").textContent + (many > 1 ? ` × ${many}` : "");
    document.body.append(drag.ghost);
    document.body.dataset.dragging = "1";
    getSelection().removeAllRanges();
  }
  event.preventDefault();
  drag.ghost.style.transform = `translate(${event.clientX + 10}px, ${event.clientY + 10}px)`;
  if (event.clientY < EDGE) scrollBy(0, -14);
  if (event.clientY > innerHeight - EDGE) scrollBy(0, 14);
  const over = document.elementFromPoint(event.clientX, event.clientY)?.closest("[data-drop]") || null;
  const fits = over !== drag.row.closest("[data-drop]") ? over : null;
  if (drag.over !== fits) { drag.over?.classList.remove("is-over"); fits?.classList.add("is-over"); drag.over = fits; }
}

function end(dropped) {
  if (!drag) return;
  const { row, ghost, over } = drag;
  drag = null;
  ghost?.remove();
  over?.classList.remove("is-over");
  delete document.body.dataset.dragging;
  if (!ghost) return;
  addEventListener("click", swallow, { capture: true, once: true }); // the click that ends a drag opens nothing
  setTimeout(() => removeEventListener("click", swallow, { capture: true }));
  if (!dropped || !over) return;
  const asked = new URLSearchParams([...keysOf(row).map((key) => ["k", key]), ["to", over.dataset.drop]]);
  open(`/bulk/assign/?${asked}`);
}

const swallow = (event) => { event.preventDefault(); event.stopPropagation(); };

document.addEventListener("pointerdown", begin);
document.addEventListener("pointermove", move, { passive: false });
document.addEventListener("pointerup", () => end(true));
document.addEventListener("pointercancel", () => end(false));
document.addEventListener("keydown", (event) => { if (event.key === "Escape") end(false); });
document.addEventListener("dragstart", (event) => { if (event.target.closest?.("[data-drag]")) event.preventDefault(); });
