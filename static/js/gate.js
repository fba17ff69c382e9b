// The scan page: camera or keyboard → one verdict over the whole screen; what cannot be sent waits in the phone.
import { kindOf } from "./code_kind.js";
import { sayFlowing, sayStopped } from "./gate_strips.js";
import { newNumber, queueOf, tell } from "./queue.js";
import { readPicture, startScanner, warmUp } from "./scanner.js";

const BUZZ = { go: [80], wait: [70, 90, 70], stop: [350, 120, 350] };
const RETRY_MS = 15_000;
// A card that was just answered may still lie before the camera when the next scan begins.
const STILL_THERE_MS = 1500;
// The person or the page must do something first; the scan stays in the phone.
const NOT_YET = [400, 401, 403];

const root = document.querySelector("[data-scanner]");
const words = root.dataset;
const verdict = root.querySelector("[data-verdict]");
const video = root.querySelector("[data-camera]");
const scanButton = document.querySelector("[data-scan]");
const typed = document.querySelector("[data-typed]");
const form = document.querySelector("[data-typed-form]");
const field = form.elements.code;
const entrance = document.querySelector("[data-entrance]");
const picture = document.querySelector("[data-picture]");
const queue = queueOf(words.day);
const sending = new Set();

let looking = false;
let camera = null;
let answered = "";
let resumed = 0;

// ── what the screen says ──

function write({ kind, word, stall = "", name = "", detail = "" }) {
  if (kind) verdict.dataset.kind = kind;
  else delete verdict.dataset.kind;
  for (const [part, text] of Object.entries({ word, stall, name, detail })) {
    verdict.querySelector(`[data-verdict-${part}]`).textContent = text;
  }
}

function show(answer) {
  stopLooking();
  write(answer);
  scanButton.textContent = scanButton.dataset.again;
  scanButton.focus();
  if (answer.kind) navigator.vibrate?.(BUZZ[answer.kind]);
}

function showWaiting() {
  const waiting = queue.all().filter((scan) => !sending.has(scan.client_id)).length;
  document.querySelector("[data-queue]").hidden = waiting === 0;
  document.querySelector("[data-queue-count]").textContent = waiting;
  document.querySelector("[data-honest]").hidden = waiting === 0 && navigator.onLine;
}

// ── one scan ──

async function check(code, method) {
  const scan = { client_id: newNumber(), code, method, entrance: entrance?.value ?? "", seen_at: Date.now() };
  try {
    queue.add(scan); // first of all: a reload or an empty battery loses nothing
  } catch (error) {
    console.warn("gate: no room in this phone to keep a scan", error);
  }
  show({ kind: "", word: words.sending });
  const told = await deliver(scan);
  if (!told) showByItself(scan);
  else if (told.ok) show(told.body);
  else show({ kind: "stop", word: words.failedWord, detail: problem(told) });
  showWaiting();
  if (told?.ok) flush();
}

// Nobody answered: what the phone itself can tell. What can be no pass is not kept to be asked about later.
function showByItself(scan) {
  const told = kindOf(scan.code, { day: Number(words.dayNumber), community: Number(words.communityNumber) });
  const kind = told === "slip" && scan.method === "camera" ? "text" : told; // nobody read it out
  const said = document.querySelector(`[data-by-itself="${kind}"]`);
  if (said.dataset.drop) queue.remove(scan.client_id);
  show({ kind: said.dataset.look, word: said.dataset.word, detail: said.textContent.trim() });
}

function problem({ status, body }) {
  return NOT_YET.includes(status) ? `${body.sentence} ${words.keptDetail}` : body.sentence;
}

// The answer; null when nobody answered. What was answered for good no longer waits.
async function deliver(scan) {
  if (sending.has(scan.client_id)) return null;
  sending.add(scan.client_id);
  try {
    const waited = Math.round((Date.now() - scan.seen_at) / 1000);
    const { client_id, code, method, entrance: gate } = scan;
    const told = await tell(words.action, { client_id, code, method, entrance: gate, waited_s: Math.max(0, waited) });
    if (NOT_YET.includes(told.status)) sayStopped(told.status, told.body.sentence);
    else {
      queue.remove(client_id);
      sayFlowing();
    }
    if (told.body.missing) document.querySelector("[data-missing]").textContent = told.body.missing;
    return told;
  } catch (error) {
    console.warn("gate: not sent", error);
    return null;
  } finally {
    sending.delete(scan.client_id);
  }
}

let flushing = false;

async function flush() {
  if (flushing) return;
  flushing = true;
  for (const scan of queue.all()) {
    if (sending.has(scan.client_id)) continue;
    const told = await deliver(scan);
    if (!told || NOT_YET.includes(told.status)) break;
    list(scan, told);
  }
  flushing = false;
  showWaiting();
}

// Verdicts that came too late for the screen: the refused ones need somebody to look after them.
function list(scan, { ok, body }) {
  const kind = ok ? body.kind : "stop";
  const row = document.createElement("li");
  const tag = Object.assign(document.createElement("span"), { className: `tag ${kind}` });
  tag.dataset.i = { go: "✓", wait: "!", stop: "✕" }[kind];
  tag.textContent = ok ? body.word : words.failedWord;
  const seen = new Date(scan.seen_at);
  const time = seen.toLocaleTimeString(document.documentElement.lang, { hour: "numeric", minute: "2-digit" });
  const reason = kind === "go" ? "" : (body.detail ?? body.sentence);
  const about = Object.assign(document.createElement("span"), { className: "body" });
  about.textContent = [time, body.stall, body.name, reason].filter(Boolean).join(" ");
  row.append(tag, about);
  document.querySelector("[data-delivered-list]").prepend(row);
  document.querySelector("[data-delivered]").hidden = false;
}

// ── camera ──

function onCode(code) {
  if (!looking) return false;
  if (code === answered && performance.now() - resumed < STILL_THERE_MS) return true;
  answered = code;
  check(code, "camera");
  return true;
}

async function look() {
  looking = true;
  resumed = performance.now();
  write({ word: words.looking }); // nobody shall find the verdict before last there
  verdict.hidden = true;
  video.hidden = false;
  scanButton.textContent = scanButton.dataset.stop;
  typed.open = false;
  if (camera) {
    video.play();
    return;
  }
  camera = new AbortController();
  try {
    await startScanner(video, onCode, { signal: camera.signal, onLost: closeCamera });
  } catch (error) {
    closeCamera();
    show({ kind: "wait", word: words.failedWord, detail: cameraProblem(error) });
    console.warn("gate: no camera", error.name);
    document.querySelector("[data-picture-label]").hidden = false;
    typed.open = true;
  }
}

function cameraProblem({ name }) {
  const said = document.querySelector(`[data-camera-error="${name}"]`);
  return (said ?? document.querySelector('[data-camera-error=""]')).textContent.trim();
}

// The camera stays on behind the verdict, so that the next scan begins at once.
function stopLooking() {
  looking = false;
  video.hidden = true;
  verdict.hidden = false;
}

function closeCamera() {
  camera?.abort();
  camera = null;
  stopLooking();
  scanButton.textContent = scanButton.dataset.again;
}

// ── buttons and keys ──

scanButton.hidden = false;
scanButton.addEventListener("click", () => (looking ? closeCamera() : look()));

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const code = field.value.trim();
  if (!code) return field.focus();
  field.value = "";
  typed.open = false;
  check(code, "typed");
});

picture.addEventListener("change", async () => {
  const [file] = picture.files;
  if (!file) return;
  let detail = words.noCode;
  const code = await readPicture(file).catch((error) => {
    if (error.name === "DecoderError") detail = cameraProblem(error);
    return null;
  });
  picture.value = "";
  if (code) check(code, "camera");
  else show({ kind: "wait", word: words.failedWord, detail });
});

// A hand scanner types: its letters go where the short code is typed. Enter on the page goes on scanning.
document.addEventListener("keydown", (event) => {
  const isShortcut = event.ctrlKey || event.metaKey || event.altKey;
  if (isShortcut || event.target.closest("input, select, textarea, a, summary")) return;
  if (event.key.length === 1 && event.key !== " ") {
    typed.open = true;
    field.focus();
  } else if (event.key === "Enter" && event.target === document.body) {
    scanButton.click();
  } else if (event.key === "Escape" && looking) {
    closeCamera();
  }
});

if (entrance) {
  const key = `entrance:${words.day}`;
  if (!entrance.value) entrance.value = localStorage.getItem(key) ?? "";
  if (entrance.selectedIndex < 0) entrance.value = "";
  entrance.addEventListener("change", () => localStorage.setItem(key, entrance.value));
}

addEventListener("online", flush);
addEventListener("online", showWaiting);
addEventListener("offline", showWaiting);
addEventListener("pagehide", closeCamera);
setInterval(() => queue.all().length && flush(), RETRY_MS);
if (!verdict.dataset.kind) typed.open = form.querySelector('[role="alert"]') !== null;
showWaiting();
flush();
warmUp(); // while there is a network: later there may be none
