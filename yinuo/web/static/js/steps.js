// A stepper wider than its screen shows where the case stands.
export function steps(root) {
  for (const now of root.querySelectorAll(".y-steps [aria-current=step]")) {
    const line = now.parentElement;
    line.scrollLeft = now.offsetLeft - line.offsetLeft - (line.clientWidth - now.offsetWidth) / 2;
  }
}
