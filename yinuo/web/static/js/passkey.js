// A passkey: what to ask comes from the server, the browser asks its owner, the answer goes back as an ordinary form.
import { say, token } from "./words.js";

const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
const named = (keys) => (keys || []).map((key) => ({ ...key, id: bytes(key.id) }));

async function made(options) {
  const key = await navigator.credentials.create({ publicKey: {
    ...options, challenge: bytes(options.challenge), user: { ...options.user, id: bytes(options.user.id) },
    excludeCredentials: named(options.excludeCredentials),
  } });
  const { response } = key;
  return { ...plain(key), response: {
    clientDataJSON: text(response.clientDataJSON), attestationObject: text(response.attestationObject), transports: response.getTransports?.() || [],
  } };
}

async function used(options) {
  const key = await navigator.credentials.get({ publicKey: { ...options, challenge: bytes(options.challenge), allowCredentials: named(options.allowCredentials) } });
  const { response } = key;
  return { ...plain(key), response: {
    clientDataJSON: text(response.clientDataJSON), authenticatorData: text(response.authenticatorData),
    signature: text(response.signature), userHandle: response.userHandle ? text(response.userHandle) : null,
  } };
}

const plain = (key) => ({ id: key.id, rawId: text(key.rawId), type: key.type, clientExtensionResults: {} });

// Why it did not work, as far as the browser tells: it says little on purpose.
const why = (wrong) => say({ InvalidStateError: "passkey_known", SecurityError: "passkey_elsewhere", TypeError: "passkey_offline" }[wrong.name] || "passkey_stopped");

async function ask(form) {
  const complaint = form.querySelector("[data-passkey-wrong]"), button = form.querySelector("[data-passkey-go]");
  complaint.hidden = true;
  button.disabled = true;
  try {
    const answer = await fetch(form.dataset.passkey, { method: "POST", headers: { "X-CSRFToken": token() } });
    if (answer.redirected || !answer.ok) { location.reload(); return; }
    const options = await answer.json();
    form.elements.reply.value = JSON.stringify(await ("passkeyMake" in form.dataset ? made(options) : used(options)));
    form.requestSubmit();
  } catch (wrong) {
    complaint.textContent = why(wrong);
    complaint.hidden = false;
  } finally { button.disabled = false; }
}

export function passkeys(root) {
  for (const form of root.querySelectorAll("[data-passkey]")) {
    if (form.passkeyReady) continue;
    form.passkeyReady = true;
    const button = form.querySelector("[data-passkey-go]");
    if (!window.PublicKeyCredential) {
      const complaint = form.querySelector("[data-passkey-wrong]");
      if ("passkeyMake" in form.dataset) { complaint.textContent = say("passkey_never"); complaint.hidden = false; }
      continue;
    }
    button.hidden = false;
    button.addEventListener("click", () => ask(form));
    form.addEventListener("keydown", (event) => { if (event.key === "Enter" && event.target.matches("input")) { event.preventDefault(); button.click(); } });
  }
}
