"""Whether what stands on a page can be read: WCAG 2.2, 1.4.3 (AA), in light and in dark."""

#: Lists "element ratio: words" of every text, field and placeholder under 4.5 : 1 (large type 3 : 1), in both themes.
CONTRAST = """() => {
  const one = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const seen = new Map();
  const colour = (text) => {
    if (!seen.has(text)) {
      one.clearRect(0, 0, 1, 1); one.fillStyle = text; one.fillRect(0, 0, 1, 1);
      const [r, g, b, a] = one.getImageData(0, 0, 1, 1).data;
      seen.set(text, [r, g, b, a / 255]);
    }
    return seen.get(text);
  };
  const over = (top, under) => [0, 1, 2].map((i) => top[i] * top[3] + under[i] * (1 - top[3]));
  const light = (c) => { const [r, g, b] = c.map((v) => (v /= 255) <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4); return .2126 * r + .7152 * g + .0722 * b; };
  const ratio = (a, b) => { const [x, y] = [light(a), light(b)].sort((m, n) => n - m); return (x + .05) / (y + .05); };
  const up = (e) => { const all = []; for (let n = e; n; n = n.parentElement) all.push(getComputedStyle(n)); return all; };
  const found = new Set();
  const check = (e, style, words, needed) => {
    const line = up(e);
    const ground = line.reduceRight((under, s) => over(colour(s.backgroundColor), under), [255, 255, 255]);
    const [r, g, b, a] = colour(style.color);
    const q = ratio(over([r, g, b, a * line.reduce((o, s) => o * s.opacity, style === line[0] ? 1 : style.opacity)], ground), ground);
    if (q < needed) found.add(`${document.documentElement.dataset.bsTheme} ${e.tagName.toLowerCase()}.${[...e.classList].join(".")} ${q.toFixed(2)}: ${words.trim().slice(0, 20)}`);
  };
  const root = document.documentElement, was = root.getAttribute("data-bs-theme");
  for (const theme of document.body.matches(".p-body") ? [was] : ["light", "dark"]) {
    root.dataset.bsTheme = theme;
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), done = new Set();
    while (texts.nextNode()) {
      if (texts.currentNode.parentElement.closest(".y-coach-under")) continue; // underlines only: its words are the field's
      const e = texts.currentNode.parentElement, like = e.tagName + e.className + e.parentElement.className + e.parentElement.dataset.tone;
      if (!texts.currentNode.textContent.trim() || done.has(like) || e.closest("option, script, .y-hidden, .p-vh, [disabled], [aria-disabled=true]")) continue;
      if (!e.checkVisibility({ checkVisibilityCSS: true, checkOpacity: true })) continue;
      done.add(like);
      const s = getComputedStyle(e), size = parseFloat(s.fontSize);
      check(e, s, texts.currentNode.textContent, size >= 24 || (size >= 18.66 && s.fontWeight >= 700) ? 3 : 4.5);
    }
    for (const e of document.querySelectorAll("input, textarea")) if (e.placeholder && e.checkVisibility()) check(e, getComputedStyle(e, "::placeholder"), e.placeholder, 4.5);
  }
  if (was === null) root.removeAttribute("data-bs-theme"); else root.setAttribute("data-bs-theme", was);
  return [...found];
}"""
