/* A signature drawn with finger, pen or mouse; goes along as a PNG. */
export function sign(form) {
  const box = form.querySelector(".p-sign");
  const canvas = box.querySelector("canvas");
  const typed = box.querySelector("[data-sign-typed]");
  const field = form.elements.signature;
  const pen = canvas.getContext("2d");
  let last = null;
  let drawn = false;

  box.hidden = false;
  const fit = () => {
    const scale = Math.min(window.devicePixelRatio || 1, 2);
    canvas.width = Math.round(canvas.clientWidth * scale);
    canvas.height = Math.round(canvas.clientHeight * scale);
    pen.scale(scale, scale);
    pen.lineWidth = 2.6;
    pen.lineCap = pen.lineJoin = "round";
    pen.strokeStyle = "#111";
    drawn = false;
    field.value = "";
  };
  const at = (event) => {
    const frame = canvas.getBoundingClientRect();
    return { x: event.clientX - frame.left, y: event.clientY - frame.top };
  };

  canvas.addEventListener("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    last = at(event);
    event.preventDefault();
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!last) return;
    for (const step of event.getCoalescedEvents?.().length ? event.getCoalescedEvents() : [event]) {
      const next = at(step);
      pen.beginPath();
      pen.moveTo(last.x, last.y);
      pen.lineTo(next.x, next.y);
      pen.stroke();
      last = next;
    }
    drawn = true;
  });
  const stop = () => {
    last = null;
    if (drawn) field.value = canvas.toDataURL("image/png");
  };
  canvas.addEventListener("pointerup", stop);
  canvas.addEventListener("pointercancel", stop);
  box.querySelector("[data-sign-clear]").addEventListener("click", fit);
  typed.addEventListener("change", () => { box.toggleAttribute("data-typed", typed.checked); if (typed.checked) fit(); });
  let width = canvas.clientWidth;
  window.addEventListener("resize", () => { if (canvas.clientWidth !== width && !drawn) { width = canvas.clientWidth; fit(); } });
  fit();
}
