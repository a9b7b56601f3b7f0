// Many phrases in one text, as yinuo/wording/rules does it on the server, from the same table: fold the text, find all
// anchors at once (Aho–Corasick), and try a phrase only where one of its anchors stands. No page, no clock.

const isHan = (char) => { const code = char.charCodeAt(0); return code >= 0x3400 && code <= 0x9fff; };
const LEVELS = ["hint", "warn", "block"];
const MOST = 500, LOOK_BACK = 12;

function trie(phrases) {
  const next = [new Map()], fail = [0], out = [[]];
  phrases.forEach(([, , anchors], number) => {
    for (const anchor of anchors) {
      let at = 0;
      for (const char of anchor) {
        let to = next[at].get(char);
        if (to === undefined) { to = next.length; next[at].set(char, to); next.push(new Map()); fail.push(0); out.push([]); }
        at = to;
      }
      out[at].push([anchor.length, number]);
    }
  });
  const queue = [...next[0].values()];
  for (let n = 0; n < queue.length; n += 1) {
    for (const [char, to] of next[queue[n]]) {
      let back = fail[queue[n]];
      while (back && !next[back].has(char)) back = fail[back];
      fail[to] = next[back].get(char) ?? 0;
      if (fail[to] === to) fail[to] = 0;
      if (out[fail[to]].length) out[to] = out[to].concat(out[fail[to]]);
      queue.push(to);
    }
  }
  return { next, fail, out };
}

export function matcher({ folding, rules, phrases }) {
  const dodges = new Set(folding.dodges);
  const found = phrases.map(([rule, source, , reach]) => ({ rule, reach, pattern: new RegExp(source, "g") }));
  const { next, fail, out } = trie(phrases);
  const quoted = new RegExp(folding.quoted, "g");
  const negated = new RegExp(folding.negated);

  const one = (char) => {
    const code = char.charCodeAt(0);
    if (code >= 0xff01 && code <= 0xff5e) char = String.fromCharCode(code - 0xfee0);
    else if (code === 0x3000) char = " ";
    if (char >= "A" && char <= "Z") return char.toLowerCase();
    return folding.same[char] ?? char;
  };

  function fold(text) {
    const folded = Array.from({ length: text.length }, (_, n) => one(text[n]));
    const chars = ["\n"], places = [-1];
    for (let n = 0, end = 0; n < folded.length; n = end) {
      for (end = n; end < folded.length && dodges.has(folded[end]);) end += 1;
      const last = chars.at(-1);
      const between = last !== "\n" && isHan(last) && end < folded.length && isHan(folded[end]);
      if (between && end > n && end - n <= folding.most_dodges) continue;
      end = Math.max(end, n + 1); // the whole run at once: it may be as long as the text
      for (let at = n; at < end; at += 1) {
        chars.push(folded[at]);
        places.push(at);
      }
    }
    chars.push("\n");
    places.push(text.length);
    return { text: chars.join(""), places };
  }

  // `work` counts steps of the automaton and phrases tried: what it costs, whatever the machine.
  function find(text, { kind = "", channel = "" } = {}) {
    const folded = fold(text), seen = new Set(), meant = [];
    const fits = (rule) => (!rule.kinds.length || rule.kinds.includes(kind)) && (!rule.channels.length || rule.channels.includes(channel));
    const quotes = [...folded.text.matchAll(quoted)].map((m) => [m.index, m.index + m[0].length]);
    let at = 0, work = 0;
    for (let last = 0; last < folded.text.length && seen.size < MOST; last += 1) {
      const char = folded.text[last];
      work += 1;
      while (at && !next[at].has(char)) { at = fail[at]; work += 1; }
      at = next[at].get(char) ?? 0;
      for (const [length, number] of out[at]) {
        const { rule, reach, pattern } = found[number];
        if (!fits(rules[rule])) continue;
        const first = last - length + 1, low = Math.max(0, first - reach - 1);
        work += 1;
        for (const match of folded.text.slice(low, last + reach + 2).matchAll(pattern)) {
          const start = low + match.index, end = start + match[0].length;
          if (start > first || end <= last || seen.has(number + ":" + start)) continue;
          seen.add(number + ":" + start);
          if (quotes.some(([a, b]) => a <= start && end <= b)) continue;
          if (negated.test(folded.text.slice(Math.max(0, start - LOOK_BACK), start))) continue;
          meant.push({ start, end, rule });
        }
      }
    }
    const weight = (f) => LEVELS.indexOf(rules[f.rule].level);
    meant.sort((a, b) => weight(b) - weight(a) || (b.end - b.start) - (a.end - a.start) || a.start - b.start || a.rule - b.rule);
    const kept = [];
    for (const f of meant) if (kept.every((o) => f.end <= o.start || o.end <= f.start)) kept.push(f);
    kept.sort((a, b) => a.start - b.start);
    return { work, findings: kept.map((f) => {
      const start = folded.places[f.start], end = folded.places[f.end - 1] + 1;
      return { start, end, words: text.slice(start, end), rule: rules[f.rule] };
    }) };
  }
  return find;
}
