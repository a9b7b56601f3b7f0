// What was typed before the page was ready, or kept by the browser over a reload, is looked up as if typed now.
export function early() {
  for (const field of document.querySelectorAll("[hx-trigger~='early']")) {
    if (field.value !== field.defaultValue) window.htmx.trigger(field, "early");
  }
}
