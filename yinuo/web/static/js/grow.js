// A text field grows with what is typed into it; where the browser does it by itself (forms.css), nothing moves.
export function grow(root) {
  if (CSS.supports("field-sizing", "content")) return;
  const fit = (area) => { area.style.height = "auto"; area.style.height = Math.min(area.scrollHeight + 2, innerHeight * .6) + "px"; };
  for (const area of root.querySelectorAll("textarea[data-grow]")) {
    area.addEventListener("input", () => fit(area));
    if (area.value) requestAnimationFrame(() => fit(area));
  }
  root.addEventListener?.("draft:restored", (event) => event.target.querySelectorAll("textarea[data-grow]").forEach(fit));
}
