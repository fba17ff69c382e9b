// What the screen says: one verdict, read at arm's length; the line to the server; what is not known without it.
import { clockText, dateText, filled, saying, word } from "./words.js";

const find = (name) => document.querySelector(`[data-${name}]`);
const verdict = find("verdict");
const DELIVERED_MS = 5000;

export function made(name, properties = {}) {
  return Object.assign(document.createElement(name), properties);
}

export function showVerdict({ kind = "", word: title, stall = "", name = "", detail = "" }, later = "") {
  if (kind) verdict.dataset.kind = kind;
  else delete verdict.dataset.kind;
  for (const [part, text] of Object.entries({ word: title, stall, name, detail })) {
    verdict.querySelector(`[data-verdict-${part}]`).textContent = text;
  }
  showLater(later);
  requestAnimationFrame(() => scrollTo(0, 0)); // whoever typed further down sees the answer, once the form is shut
}

// The dashed mark under a green answer that nobody has confirmed yet.
export function showLater(name) {
  const mark = find("later");
  mark.hidden = !name;
  mark.textContent = name ? word(name) : "";
}

// What the phone found out by itself, in words.
export function ownAnswer(told, bag, at) {
  const said = saying(told.verdict);
  const { row, first, claims } = told;
  const zone = bag.day.zone;
  const values = {
    time: clockText(first ? first[0] : at, zone),
    gate: first?.[1] || bag.phone.entrance,
    from: clockText(bag.day.valid_from, zone),
    to: clockText(bag.day.valid_to, zone),
    date: claims ? dateOf(claims, zone) : "",
    version: row?.nv ?? "",
    stall: row?.ns ?? "",
    age: clockText(bag.fetchedAt, zone),
  };
  const shown = said.kind === "stop" ? {} : { stall: row?.s, name: row?.n };
  return { kind: said.kind, word: said.word, detail: filled(said.detail, values), ...shown };
}

// Passes admit from two hours before the opening on; a day has passed by then nowhere on earth.
function dateOf(claims, zone) {
  return dateText(claims.validFrom + 2 * 3600 * 1000, zone);
}

// 在线 / 离线 · 已存 12 条 / 已同步
export class Line {
  constructor() {
    this.tag = find("line");
    this.deliveredUntil = 0;
    this.delivered = 0;
  }

  brought(count) {
    this.delivered = Date.now() < this.deliveredUntil ? this.delivered + count : count;
    this.deliveredUntil = Date.now() + DELIVERED_MS;
    setTimeout(() => this.show(this.reached, this.waiting), DELIVERED_MS + 100);
  }

  show(reached, waiting) {
    this.reached = reached;
    this.waiting = waiting;
    this.tag.textContent = filled(word(this.wordNow(reached, waiting)), { n: waiting || this.delivered });
    this.tag.className = `tag ${reached === false ? "wait" : "go"}`;
    find("unknown").hidden = reached !== false;
  }

  wordNow(reached, waiting) {
    if (reached === false) return waiting ? "line-kept" : "line-off";
    if (waiting) return "line-sending";
    return Date.now() < this.deliveredUntil ? "line-done" : "line-on";
  }
}

export function showAge(bag) {
  const values = { time: clockText(bag.fetchedAt, bag.day.zone), n: bag.expected, gate: bag.phone.entrance };
  find("age").textContent = filled(word("age"), values);
  find("unknown").textContent = filled(word("unknown"), values);
}

export function hoursText([start, end], zone) {
  return `${clockText(start, zone)}–${clockText(end, zone)}`;
}

export function showHead(bag) {
  find("title").textContent = [bag.day.theme, bag.phone.entrance].filter(Boolean).join(" · ");
  find("holder").textContent = filled(word("holder"), {
    name: bag.phone.name,
    time: clockText(bag.phone.until, bag.day.zone),
    date: dateText(bag.phone.until, bag.day.zone),
  });
  document.title = `${bag.day.theme} · ${bag.day.place}`;
}

// Verdicts that came too late for the screen: somebody has to look after those that are another than was told.
export function listLate(scan, answer, bag) {
  const row = made("li");
  const tag = made("span", { className: `tag ${answer.kind}`, textContent: answer.word ?? word("held") });
  const time = clockText(scan.seen_at, bag.day.zone);
  const said = [time, answer.stall, answer.name, answer.kind === "go" ? "" : answer.detail];
  row.append(tag, made("span", { className: "body", textContent: said.filter(Boolean).join(" ") }));
  find("late-list").prepend(row);
  find("late").hidden = false;
}

export function showReady({ reader, parts }) {
  const missing = Object.keys(parts).filter((name) => !parts[name]);
  const tag = find("ready");
  tag.className = `tag ${missing.length ? "wait" : "go"}`;
  tag.textContent = word(missing.length ? "ready-not" : "ready-yes");
  const sentences = missing.map((name) => word(`lacks-${name}`));
  if (reader) sentences.push(filled(word("reader"), { name: word(`reader-${reader}`) }));
  find("ready-list").replaceChildren(
    ...sentences.map((text) => made("li", { textContent: text })),
  );
  find("in-chat").hidden = !(missing.includes("page") && /MicroMessenger/i.test(navigator.userAgent));
}

export function showOnly(part) {
  for (const section of document.querySelectorAll("[data-part]")) section.hidden = section.dataset.part !== part;
}
