// A takings figure that is sent without a network waits in this phone, with the id of its form, so that sending it
// twice is sending it once. It goes out when the network is back, and whenever a page of the same person is opened.
import { isReachable } from "./reachable.js";

const STORE = "vendor-waiting:"; // leaving.js clears what begins with vendor-
const AGAIN_MS = 30_000;
const PATIENCE_MS = 15_000;
const DONE = "waiting-done";
const LINK = "link"; // whoever has the link of a stall needs no account
const NEVER_KEPT = ["csrf_token", "waited"];

const list = document.querySelector("[data-waiting]");
const whose = document.querySelector('meta[name="whose"]')?.content ?? LINK;
let isSending = false;

// ── what waits ──

function waiting() {
  const names = Object.keys(localStorage).filter((name) => name.startsWith(STORE));
  return names.map((name) => JSON.parse(localStorage.getItem(name))).filter((one) => one.whose === whose);
}

function put(one) {
  localStorage.setItem(STORE + one.path, JSON.stringify(one));
}

function drop(one) {
  localStorage.removeItem(STORE + one.path);
}

function recordOf(form, submitter) {
  const fields = [...new FormData(form, submitter)].filter(([name]) => !NEVER_KEPT.includes(name));
  fields.push(["waited", form.dataset.known]);
  const field = form.elements.takings ?? form.elements.only;
  const agreed = form.elements.gift?.value ? "" : (form.dataset.agreed ?? "");
  const path = new URL(form.action).pathname;
  const { waits: stall, known } = form.dataset;
  return { path, whose, fields, figure: field.value, stall, agreed, known };
}

// ── what is said of it ──

function say(kind, one) {
  const card = document.querySelector(`[data-waiting-as=${kind}]`).content.firstElementChild.cloneNode(true);
  card.dataset.of = one.path;
  const told = { stall: one.stall, figure: one.figure, agreed: one.agreed, why: one.why, at: one.at };
  for (const [name, text] of Object.entries(told)) {
    const place = card.querySelector(`[data-${name}]`);
    if (place) place.textContent = text ?? "";
  }
  card.querySelector("[data-look]")?.setAttribute("href", one.path);
  card.querySelector("[data-drop]")?.addEventListener("click", () => {
    drop(one);
    card.remove();
  });
  [...list.children].find((other) => other.dataset.of === one.path)?.remove();
  list.append(card);
  return card;
}

function keep(form, submitter) {
  const one = recordOf(form, submitter);
  try {
    put(one);
  } catch {
    return false; // the store of this browser is full or forbidden: the form stays as it is
  }
  const card = say("kept", one);
  card.scrollIntoView({ block: "center" });
  card.focus();
  return true;
}

// ── its way to the server ──

async function page(path, more = {}) {
  const answer = await fetch(path, { cache: "no-store", signal: AbortSignal.timeout(PATIENCE_MS), ...more });
  const shown = new DOMParser().parseFromString(await answer.text(), "text/html");
  return { answer, shown };
}

// The first of these that the page has.
const WHY = ["[role=alert] li", "[role=alert]", ".notice .body", "h1"];

function whyOf(shown) {
  const place = WHY.map((one) => shown.querySelector(`#main ${one}`)).find(Boolean);
  return place?.textContent.trim().replace(/\s+/g, " ") ?? "";
}

// Signing in, and a server that has no time now, are no refusal.
function isForLater({ status }) {
  return status === 401 || status === 429 || status >= 500;
}

async function deliver(one) {
  const before = await page(one.path);
  if (isForLater(before.answer)) return;
  const reader = before.shown.querySelector('meta[name="whose"]')?.content ?? LINK;
  if (reader !== whose) return;
  const token = before.shown.querySelector("input[name=csrf_token]")?.value;
  if (!token) return refused(one, whyOf(before.shown));
  const body = new URLSearchParams([...one.fields, ["csrf_token", token]]);
  const { answer, shown } = await page(one.path, { method: "POST", body });
  if (isForLater(answer)) return;
  const told = shown.querySelector("[data-told]");
  if (answer.ok && told && (answer.redirected || !shown.querySelector("[data-waits]"))) delivered(one);
  else refused(one, whyOf(shown));
}

function refused(one, why) {
  const kept = { ...one, why };
  put(kept);
  say("refused", kept);
}

function delivered(one) {
  drop(one);
  const at = new Date().toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit" });
  const done = { ...one, at };
  if (location.pathname !== one.path) return void say("delivered", done);
  sessionStorage.setItem(DONE, JSON.stringify(done)); // this page still asks what was sold
  location.reload();
}

// A refused figure waits for a person: sent again as it is, it would be refused again.
async function sendAll() {
  if (isSending || !navigator.onLine) return;
  isSending = true;
  try {
    for (const one of waiting()) if (one.why === undefined) await deliver(one);
  } catch (error) {
    console.warn("waiting: no network yet", error?.message);
  } finally {
    isSending = false;
  }
}

// ── the page ──

async function onSubmit(event) {
  const form = event.target;
  if (!form.matches("[data-waits]") || !form.requestSubmit) return;
  if (form.dataset.reached) return void delete form.dataset.reached;
  event.preventDefault();
  event.stopImmediatePropagation();
  if (form.dataset.asking) return;
  form.dataset.asking = "yes";
  const { submitter } = event;
  const isThere = await isReachable();
  delete form.dataset.asking;
  const field = form.elements.takings ?? form.elements.only;
  if (!isThere && !field.value.trim()) return field.focus();
  if (!isThere && keep(form, submitter)) return;
  form.dataset.reached = "yes";
  overtake(new URL(form.action).pathname);
  form.requestSubmit(submitter);
}

// What is typed anew takes the place of what was kept, once the server has it.
function overtake(path) {
  for (const one of waiting()) if (one.path === path) put({ ...one, isOvertaken: true });
}

function dropOvertaken() {
  const known = document.querySelector("[data-waits]")?.dataset.known;
  for (const one of waiting()) {
    const isHere = one.path === location.pathname && document.querySelector("[data-told]");
    if (one.isOvertaken && isHere && known !== one.known) drop(one);
  }
}

// On the page that refused it, the figure stands in the form again.
function show(one) {
  say(one.why === undefined ? "kept" : "refused", one);
  const form = one.path === location.pathname && document.querySelector("[data-takings]");
  const typed = Object.fromEntries(one.fields);
  if (!form || form.elements.takings.value || !typed.takings) return;
  form.elements.takings.value = typed.takings;
  form.elements.gift.value = typed.gift;
  form.elements.takings.dispatchEvent(new Event("input", { bubbles: true }));
}

if (list) {
  const done = sessionStorage.getItem(DONE);
  sessionStorage.removeItem(DONE);
  if (done) say("delivered", JSON.parse(done));
  dropOvertaken();
  waiting().forEach(show);
  document.addEventListener("submit", onSubmit, true);
  addEventListener("online", sendAll);
  setInterval(sendAll, AGAIN_MS);
  sendAll();
}
