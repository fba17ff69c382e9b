// What the strips above every page of the gate say: what waits in this phone, and why it cannot be sent.
const strip = document.querySelector("[data-waiting]");
const stopped = document.querySelector("[data-stopped]");

// ── what waits, of every market ──

// Scans and counts by the market they belong to.
export function waiting() {
  const found = new Map();
  const of = (day) => found.get(day) ?? found.set(day, { scans: 0, visits: 0 }).get(day);
  for (const key of Object.keys(localStorage)) {
    const [kind, day] = key.split(":");
    if (kind === "scan") of(day).scans += 1;
    if (kind === "visits") of(day).visits += unsentOf(key);
  }
  return found;
}

function unsentOf(key) {
  const counts = Object.values(JSON.parse(localStorage.getItem(key) ?? "{}"));
  return counts.reduce((sum, { count, sent }) => sum + Math.max(0, count - sent), 0);
}

export function total() {
  return [...waiting().values()].reduce((sum, { scans, visits }) => sum + scans + visits, 0);
}

// The page's own things stand in its head; the strip names the others, each with the page that sends it.
export function showWaiting() {
  const own = document.querySelector("[data-scanner], [data-clicker]");
  const parts = [];
  for (const [day, { scans, visits }] of waiting()) {
    const isHere = own?.dataset.day === day;
    if (scans && !(isHere && own.matches("[data-scanner]"))) parts.push(["scans", scans, day, ""]);
    if (visits && !(isHere && own.matches("[data-clicker]"))) parts.push(["visits", visits, day, "/footfall"]);
  }
  strip.querySelector("[data-waiting-list]").replaceChildren(...parts.map(linkTo));
  strip.hidden = parts.length === 0;
}

function linkTo([kind, count, day, page]) {
  const link = document.createElement("a");
  link.href = `${strip.dataset.days}${day}${page}`;
  link.textContent = strip.dataset[kind].replace("{n}", count);
  return link;
}

// ── why nothing can be sent ──

// 401: signed out meanwhile; 400: signed in again elsewhere, so that this page is too old; else what the server says.
export function sayStopped(status, sentence = "") {
  for (const part of stopped.querySelectorAll("[data-for]")) part.hidden = part.dataset.for !== String(status);
  stopped.querySelector("[data-sentence]").textContent = [400, 401].includes(status) ? "" : sentence;
  stopped.querySelector("[data-kept-count]").textContent = total();
  stopped.hidden = false;
}

export function sayFlowing() {
  stopped.hidden = true;
}
