// A stepper wider than its screen shows where the case stands; then the keyboard can scroll it, too.
const reach = new ResizeObserver((lines) => { for (const { target } of lines) {
  if (target.scrollWidth > target.clientWidth) target.tabIndex = 0; else target.removeAttribute("tabindex");
} });

export function steps(root) {
  root.querySelectorAll(".y-steps, [data-keep-scroll], .y-table-wrap, .d-lane ol, pre, .y-chart-table, .y-typed-value").forEach((line) => reach.observe(line));
  for (const now of root.querySelectorAll(".y-steps [aria-current=step]")) {
    const line = now.parentElement;
    line.scrollLeft = now.offsetLeft - line.offsetLeft - (line.clientWidth - now.offsetWidth) / 2;
  }
}
