// The board asks for its live part while somebody looks at it. It changes nothing under a finger: what is new is put
// in when nothing in it has the focus and nobody presses.
const board = document.querySelector("[data-board]");
const every = Number(board.dataset.every) * 1000;
const stale = document.querySelector("[data-stale]");
const time = document.querySelector("[data-board-time]");

let tag = "";
let pressed = false;
let asking = false;

function now() {
  const clock = new Date();
  return `${clock.getHours()}:${String(clock.getMinutes()).padStart(2, "0")}`;
}

function isTouched() {
  return pressed || (board.contains(document.activeElement) && document.activeElement !== document.body);
}

async function ask() {
  if (document.hidden || asking || isTouched()) return;
  asking = true;
  try {
    const headers = tag ? { "If-None-Match": tag } : {};
    const answer = await fetch(board.dataset.live, { headers, cache: "no-store", signal: AbortSignal.timeout(6000) });
    const isPage = answer.headers.get("Content-Type")?.startsWith("text/html") && !answer.redirected;
    if (answer.status !== 304 && !(answer.ok && isPage)) throw new Error(String(answer.status));
    if (answer.status === 200) {
      const text = await answer.text();
      if (!isTouched()) {
        board.innerHTML = text;
        tag = answer.headers.get("ETag");
      }
    }
    time.textContent = now();
    stale.hidden = true;
  } catch {
    stale.hidden = false;
  }
  asking = false;
}

board.addEventListener("pointerdown", () => (pressed = true));
addEventListener("pointerup", () => (pressed = false));
addEventListener("pointercancel", () => (pressed = false));
document.addEventListener("visibilitychange", ask);
addEventListener("online", ask);
addEventListener("offline", () => (stale.hidden = false));
setInterval(ask, every);
