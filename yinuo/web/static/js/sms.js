// How many text messages the words in a field come to, while they are written: 160 signs of the GSM alphabet, or 153 a
// part; as soon as one sign is none of them (every Chinese one), 70, or 67 a part. No sign is cut in two.
import { say } from "./words.js";

const GSM = new Set("@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà");
const TWICE = new Set("\f^{}\\[~]|€"); // an escape before each

export function measured(text) {
  const signs = [...text], gsm = signs.every((s) => GSM.has(s) || TWICE.has(s));
  const sizes = signs.map((s) => (gsm ? 1 + TWICE.has(s) : s.length));
  const length = sizes.reduce((sum, size) => sum + size, 0);
  const [alone, each] = gsm ? [160, 153] : [70, 67];
  if (length <= alone) return { length, parts: Math.min(length, 1), each: alone };
  let parts = 1, used = 0;
  for (const size of sizes) {
    if (used + size > each) { parts += 1; used = 0; }
    used += size;
  }
  return { length, parts, each };
}

// <p data-sms-of="#the-field" data-sms-when="#the-choice-of-channel" hidden>
export function sms(root) {
  for (const line of root.querySelectorAll("[data-sms-of]")) {
    const area = document.querySelector(line.dataset.smsOf), channel = document.querySelector(line.dataset.smsWhen);
    const show = () => {
      line.hidden = channel.value !== "sms";
      const { length, parts, each } = measured(area.value);
      const words = [say("sms_length", length), say("sms_parts", parts), say("sms_each", each)];
      line.textContent = [...words, ...(/\{[^}]+\}/.test(area.value) ? [say("sms_gaps")] : [])].join(" · ");
    };
    for (const [field, event] of [[area, "input"], [channel, "change"], [area.form, "draft:restored"]]) field.addEventListener(event, show);
    show();
  }
}
