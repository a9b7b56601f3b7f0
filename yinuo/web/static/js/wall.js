// The wall screen keeps itself up to date: when something happens, and by itself; alone for weeks without growing.
const EVERY = 15000, SOON = 1500, WHOLE = 6 * 3600 * 1000; // the page itself is loaded anew now and then
const wall = document.querySelector("[data-wall]"), stale = document.querySelector("[data-wall-stale]"), over = document.querySelector("[data-wall-over]");
const born = performance.now();
let timer = 0, last = performance.now(), running = false;

function plan(wait) {
  clearTimeout(timer);
  timer = setTimeout(fresh, wait);
}

async function fresh() {
  if (running) return;
  running = true;
  last = performance.now();
  let wait = EVERY;
  try {
    const answer = await fetch(location.href, { headers: { "X-Part": "live", "HX-Request": "true" }, cache: "no-store", redirect: "manual" });
    const text = answer.ok || answer.status === 410 ? await answer.text() : "";
    const ended = answer.type === "opaqueredirect" || answer.status === 204 || answer.status === 401 || answer.status === 403;
    if (answer.ok && answer.status !== 204 && performance.now() - born > WHOLE) { location.reload(); return; }
    if (text) wall.innerHTML = text; // made by the server, which escapes; scripts in it would not run
    over.hidden = !ended;
    wall.hidden = ended;
    stale.hidden = ended || Boolean(text);
    if (ended || answer.status === 410) wait = 60000; // somebody may sign in again beside it
    if (answer.status === 429) wait = 60000;
  } catch {
    stale.hidden = false;
  } finally {
    running = false;
    plan(wait);
  }
}

if (wall) {
  plan(EVERY);
  wall.addEventListener("live-event", () => plan(Math.max(SOON, last + 5000 - performance.now())));
  addEventListener("online", () => plan(SOON));
  document.addEventListener("visibilitychange", () => { if (!document.hidden) plan(SOON); });
  const button = document.querySelector("[data-fullscreen]");
  button.hidden = !document.fullscreenEnabled;
  button.addEventListener("click", () => (document.fullscreenElement ? document.exitFullscreen() : document.documentElement.requestFullscreen()));
}
