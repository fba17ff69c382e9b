// What every page of the gate does: it says what waits in this phone and keeps it when somebody signs out, and leads
// nowhere while nobody answers.
import { showWaiting, total } from "./gate_strips.js";
import { isReachable } from "./reachable.js";

const LOOK_MS = 3000;

const unreachable = document.querySelector("[data-unreachable]");
const leaving = document.querySelector("[data-leaving]");
let willLeave = false;

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
  event.preventDefault();
  go(() => location.assign(link.href));
}

// Forms that a script sends by itself keep what they cannot send; the others would lose it on the browser's error page.
function onSubmit(event) {
  const form = event.target;
  if (form.matches("[data-typed-form], [data-click-form], [data-tap-form]")) return;
  const isSignOut = form.getAttribute("action") === "/sign-out";
  if (form.dataset.reached) {
    delete form.dataset.reached;
    return;
  }
  event.preventDefault();
  event.stopImmediatePropagation();
  if (isSignOut && !willLeave && total()) {
    askBeforeLeaving(form);
    return;
  }
  go(() => {
    form.dataset.reached = "yes";
    form.requestSubmit(event.submitter);
  });
}

function askBeforeLeaving(form) {
  leaving.querySelector("[data-kept-count]").textContent = total();
  leaving.hidden = false;
  leaving.querySelector("[data-leave]").onclick = () => {
    willLeave = true;
    form.requestSubmit();
  };
  leaving.querySelector("[data-stay]").onclick = () => (leaving.hidden = true);
  leaving.querySelector("[data-stay]").focus();
}

document.addEventListener("click", onLink);
document.addEventListener("submit", onSubmit, true);
addEventListener("online", () => (unreachable.hidden = true));
setInterval(showWaiting, LOOK_MS);
showWaiting();
