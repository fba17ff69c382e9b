// What every page of the gate does: it says what waits in this phone, asks before signing out, and leads nowhere while
// nobody answers.
import { scans } from "./door/store.js";
import { isReachable } from "./reachable.js";

const LOOK_MS = 3000;

const unreachable = document.querySelector("[data-unreachable]");
const leaving = document.querySelector("[data-leaving]");
const strip = document.querySelector("[data-waiting]");
let willLeave = false;

// ── what waits ──

async function waiting() {
  try {
    return await scans.count();
  } catch (error) {
    console.info("gate: no store", error?.name);
    return 0;
  }
}

async function showWaiting() {
  const count = await waiting();
  strip.querySelector("[data-kept-count]").textContent = count;
  strip.hidden = count === 0;
}

// ── ways out ──

async function go(act) {
  const answers = await isReachable();
  unreachable.hidden = answers;
  if (answers) act();
  else unreachable.scrollIntoView({ block: "nearest" });
}

function onLink(event) {
  const link = event.target.closest("a[href]");
  const isPlain = event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;
  if (!link || !isPlain || event.defaultPrevented || link.origin !== location.origin) return;
  if (link.pathname === location.pathname && link.hash) return;
  if (link.pathname === "/door/") return; // this phone keeps it
  event.preventDefault();
  go(() => location.assign(link.href));
}

// A form would lose what was typed on the browser's error page; the one that takes a place says itself what is wrong.
function onSubmit(event) {
  const form = event.target;
  if (form.matches("[data-own]")) return;
  const isSignOut = form.getAttribute("action") === "/sign-out";
  if (form.dataset.reached) {
    delete form.dataset.reached;
    return;
  }
  event.preventDefault();
  event.stopImmediatePropagation();
  const send = () =>
    go(() => {
      form.dataset.reached = "yes";
      form.requestSubmit(event.submitter);
    });
  if (isSignOut && !willLeave) askBeforeLeaving(send);
  else send();
}

async function askBeforeLeaving(send) {
  const count = await waiting();
  if (!count) return send();
  leaving.querySelector("[data-kept-count]").textContent = count;
  leaving.hidden = false;
  leaving.querySelector("[data-leave]").onclick = () => {
    willLeave = true;
    send();
  };
  leaving.querySelector("[data-stay]").onclick = () => (leaving.hidden = true);
  leaving.querySelector("[data-stay]").focus();
}

document.addEventListener("click", onLink);
document.addEventListener("submit", onSubmit, true);
addEventListener("online", () => (unreachable.hidden = true));
setInterval(showWaiting, LOOK_MS);
showWaiting();
