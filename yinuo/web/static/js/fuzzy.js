// How well what was typed fits a label: 0 not at all. Every letter must occur, in order; whole pieces and beginnings count more.
export function fit(typed, text) {
  if (!typed) return 1;
  const at = text.indexOf(typed);
  if (at === 0) return 1000 - text.length;
  if (at > 0) return 600 - at - text.length / 10;
  let from = 0, gaps = 0;
  for (const letter of typed) {
    const next = text.indexOf(letter, from);
    if (next < 0) return 0;
    if (from && next > from) gaps += 1;
    from = next + 1;
  }
  return Math.max(1, 300 - gaps * 20 - text.length / 10);
}

// From here on what was typed stands there in one piece; below, its letters are scattered.
export const WHOLE = 400;

// The best of a label and its pinyin; initials and syllables are words of `keys`, those of an English label are its own words'.
export function best(typed, label, keys) {
  const clean = typed.toLowerCase().replace(/\s+/g, "");
  const plain = label.toLowerCase(), heads = plain.split(/[^\p{L}\p{N}]+/u).map((word) => word.charAt(0)).join("");
  return Math.max(fit(clean, plain), ...[heads, ...keys.split(" ")].map((word) => fit(clean, word) * 0.9));
}
