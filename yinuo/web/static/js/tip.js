// data-tip: the exact time and the reason, on hover and on focus.
export function tips() {
  const tip = document.createElement("div");
  tip.className = "y-tip";
  tip.id = "tip";
  tip.setAttribute("role", "tooltip");
  tip.popover = "manual";
  document.body.append(tip);
  let at = null;
  const show = (target) => {
    at = target;
    tip.textContent = target.dataset.tip;
    target.setAttribute("aria-describedby", "tip");
    tip.showPopover();
    const r = target.getBoundingClientRect();
    const below = r.bottom + 6 + tip.offsetHeight < innerHeight;
    tip.style.top = (below ? r.bottom + 6 : r.top - 6 - tip.offsetHeight) + "px";
    tip.style.left = Math.max(8, Math.min(r.left, innerWidth - tip.offsetWidth - 8)) + "px";
  };
  const hide = () => { if (at) { at.removeAttribute("aria-describedby"); at = null; tip.hidePopover(); } };
  const find = (event) => event.target instanceof Element ? event.target.closest("[data-tip]") : null;
  for (const name of ["mouseover", "focusin"]) document.addEventListener(name, (event) => {
    const target = find(event);
    if (target === at) return;
    hide();
    if (target?.dataset.tip) show(target);
  });
  document.addEventListener("focusout", hide);
  document.addEventListener("keydown", (event) => event.key === "Escape" && hide());
  addEventListener("scroll", hide, true);
}
