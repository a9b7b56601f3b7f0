// The sound and the desktop notice themselves, and the buttons of the settings page that try them out.
import { toast } from "./toast.js";
import { say } from "./words.js";

const SOUND = new URL("../sound/chime.wav", import.meta.url).href;
const MARK = new URL("../img/mark.svg", import.meta.url).href;
let player = null;

// False where the browser lets nothing sound before somebody has clicked on the page.
export async function chime(volume) {
  player ??= new Audio(SOUND);
  player.volume = Math.min(1, Math.max(0, volume));
  player.currentTime = 0;
  try { await player.play(); return true; } catch { return false; }
}

// The Chinese sentence of what this browser allows: its key among the words.
const state = () => !("Notification" in window) || !isSecureContext ? "notice_never" : `notice_${Notification.permission}`;

export function notice({ title, text, url }) {
  if (state() !== "notice_granted") return false;
  try {
    const made = new Notification(title, { body: text, icon: MARK, tag: "yinuo", renotify: true, silent: true });
    made.onclick = () => { window.focus(); location.href = url; made.close(); };
    return true;
  } catch { return false; } // phones want a service worker for it
}

export function device() {
  const box = document.querySelector("[data-notice-device]");
  if (!box) return;
  const allow = box.querySelector("[data-notice-allow]");
  const said = () => {
    box.querySelector("[data-notice-state]").textContent = say(state());
    allow.hidden = state() !== "notice_default";
  };
  said();
  allow.addEventListener("click", async () => { await Notification.requestPermission(); said(); });
  box.querySelector("[data-notice-show]").addEventListener("click", async () => {
    if (state() === "notice_default") await Notification.requestPermission();
    said();
    if (!notice({ title: say("notice_try"), text: say("notice_try_text"), url: location.href })) toast(say(state() === "notice_granted" ? "notice_never" : state()), "warning");
  });
  box.querySelector("[data-notice-ring]").addEventListener("click", async (event) => {
    const volume = document.querySelector(event.currentTarget.dataset.noticeRing).value / 100;
    if (!(await chime(volume))) toast(say("mute"), "warning");
    else if (!volume) toast(say("silent"), "warning");
  });
}
