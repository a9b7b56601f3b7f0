/* Finds a number whose SHA-256 with the form's ticket starts with 16 zero bits. Plain arithmetic: works on http too. */
const K = new Uint32Array(64);
const H0 = new Uint32Array(8);
(() => {
  let n = 0;
  const frac = (x) => ((x - Math.floor(x)) * 4294967296) >>> 0;
  for (let candidate = 2; n < 64; candidate++) {
    let prime = true;
    for (let d = 2; d * d <= candidate; d++) if (candidate % d === 0) { prime = false; break; }
    if (!prime) continue;
    if (n < 8) H0[n] = frac(Math.sqrt(candidate));
    K[n++] = frac(Math.cbrt(candidate));
  }
})();

const rotate = (x, n) => (x >>> n) | (x << (32 - n));
const W = new Uint32Array(64);

function block(state, bytes, offset) {
  for (let i = 0; i < 16; i++) {
    const j = offset + i * 4;
    W[i] = (bytes[j] << 24) | (bytes[j + 1] << 16) | (bytes[j + 2] << 8) | bytes[j + 3];
  }
  for (let i = 16; i < 64; i++) {
    const a = W[i - 15], b = W[i - 2];
    W[i] = (W[i - 16] + (rotate(a, 7) ^ rotate(a, 18) ^ (a >>> 3)) + W[i - 7] + (rotate(b, 17) ^ rotate(b, 19) ^ (b >>> 10))) | 0;
  }
  let [a, b, c, d, e, f, g, h] = state;
  for (let i = 0; i < 64; i++) {
    const one = (h + (rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)) + ((e & f) ^ (~e & g)) + K[i] + W[i]) | 0;
    const two = ((rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g; g = f; f = e; e = (d + one) | 0; d = c; c = b; b = a; a = (one + two) | 0;
  }
  state[0] += a; state[1] += b; state[2] += c; state[3] += d; state[4] += e; state[5] += f; state[6] += g; state[7] += h;
}

function firstWord(text) {
  const length = text.length;
  const bytes = new Uint8Array(((length + 8) >> 6 << 6) + 64);
  for (let i = 0; i < length; i++) bytes[i] = text.charCodeAt(i);
  bytes[length] = 0x80;
  new DataView(bytes.buffer).setUint32(bytes.length - 4, length * 8);
  const state = Uint32Array.from(H0);
  for (let offset = 0; offset < bytes.length; offset += 64) block(state, bytes, offset);
  return state[0];
}

onmessage = (event) => {
  const { token, bits } = event.data;
  for (let answer = 0; answer < 1e9; answer++) {
    if (firstWord(`${token}:${answer}`) >>> (32 - bits) === 0) { postMessage(String(answer)); return; }
  }
};
