// Counts people by the thumb. Every slot keeps its whole count in the phone and tells that figure, so that telling it
// again, or late, adds nothing twice.
import { sayFlowing, sayStopped } from "./gate_strips.js";
import { newNumber, tell } from "./queue.js";

const TOGETHER_MS = 600; // a group that comes in together is one message
const RETRY_MS = 15_000;

// What this phone has counted and the server does not know yet, by "entrance|slot".
class PhoneCounts {
  constructor(day) {
    this.store = `visits:${day}`;
    this.counts = readCounts(this.store);
  }

  of(key) {
    return this.counts[key]?.count ?? knownOf(key);
  }

  unsent() {
    return Object.keys(this.counts).filter((key) => this.counts[key].count > this.counts[key].sent);
  }

  addOne(key) {
    this.counts[key] ??= { count: knownOf(key), sent: knownOf(key) };
    this.counts[key].count += 1;
  }

  // Whether the last press could be taken back here, because nobody was told of it yet.
  takeBack(key) {
    const kept = this.counts[key];
    if (!kept || kept.count <= kept.sent) return false;
    kept.count -= 1;
    return true;
  }

  // The server took one back: what it says now is what is known.
  lower(key, known) {
    this.counts[key] = { count: known, sent: known };
  }

  // Somebody at the same entrance may have counted further meanwhile.
  answered(key, sent, known) {
    this.counts[key].count = Math.max(this.counts[key].count, known);
    this.counts[key].sent = Math.max(sent, known);
  }

  keep() {
    localStorage.setItem(this.store, JSON.stringify(this.counts));
  }
}

class Clicker {
  constructor(root) {
    this.root = root;
    this.form = root.querySelector("[data-click-form]");
    this.entrance = this.form.elements.entrance.value;
    this.ahead = Number(root.dataset.now) - Date.now(); // phones are seldom exactly right
    this.slots = [...root.querySelectorAll("[data-slots] li")];
    this.counts = new PhoneCounts(root.dataset.day);
    this.timer = 0;
    this.telling = false;
    this.failed = false;
  }

  listen() {
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.press();
    });
    for (const form of this.root.querySelectorAll("[data-tap-form]")) {
      form.addEventListener("submit", (event) => {
        event.preventDefault();
        this.tap(form);
      });
    }
    addEventListener("online", () => this.send());
    setInterval(() => (this.counts.unsent().length ? this.send() : this.render()), RETRY_MS);
  }

  slotNow() {
    const now = Date.now() + this.ahead;
    return Math.max(1, this.slots.filter((slot) => Number(slot.dataset.start) <= now).length);
  }

  press() {
    this.counts.addOne(`${this.entrance}|${this.slotNow()}`);
    this.keep();
    navigator.vibrate?.(20);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.send(), TOGETHER_MS);
  }

  // A press with a number of its own: out, or the last one taken back. Kept until the server answers: pressing again
  // after a lost answer sends the same number.
  async tap(form) {
    const key = `${this.entrance}|${this.slotNow()}`;
    const isUndo = form.dataset.tapForm === "undo";
    if (form.dataset.busy || (isUndo && this.telling)) return;
    if (isUndo && this.counts.takeBack(key)) return this.keep();
    form.dataset.busy = "yes";
    const told = await tell(form.action, new FormData(form)).catch(() => null);
    delete form.dataset.busy;
    if (!told?.ok) return sayStopped(told?.status ?? 0, told?.body.sentence ?? "");
    sayFlowing();
    form.elements.client_id.value = newNumber();
    if (isUndo) this.counts.lower(key, told.body.visits);
    this.answeredTap(key, told.body);
  }

  answeredTap(key, { visits, total, left }) {
    const cell = cellOf(key);
    if (cell && visits) cell.value = cell.defaultValue = visits;
    this.root.querySelector("[data-total]").textContent = total.toLocaleString("en");
    this.root.querySelector("[data-left]").textContent = left;
    this.keep();
    sumUp();
  }

  keep() {
    this.counts.keep();
    this.render();
  }

  render() {
    const slot = this.slotNow();
    const count = this.counts.of(`${this.entrance}|${slot}`);
    this.root.querySelector("[data-slot-hours]").textContent = this.slots[slot - 1].textContent;
    this.root.querySelector("[data-slot-visits]").textContent = count;
    this.form.elements.slot.value = slot;
    this.form.elements.visits.value = count + 1;
    const waiting = this.counts.unsent().length;
    document.querySelector("[data-unsent]").hidden = waiting === 0 || (navigator.onLine && !this.failed);
    document.querySelector("[data-unsent-count]").textContent = waiting;
  }

  async send() {
    if (this.telling) return;
    this.telling = true;
    for (const key of this.counts.unsent()) {
      this.failed = !(await this.sendCount(key));
      if (this.failed) break;
    }
    this.telling = false;
    this.keep();
    if (!this.failed && this.counts.unsent().length) this.send();
  }

  // Whether the server has taken it.
  async sendCount(key) {
    const visits = this.counts.of(key);
    const bar = key.lastIndexOf("|");
    const fields = { entrance: key.slice(0, bar), slot: key.slice(bar + 1), visits };
    const told = await tell(this.root.dataset.action, fields).catch(() => null);
    if (told && !told.ok) sayStopped(told.status, told.body.sentence);
    if (!told?.ok) return false;
    sayFlowing();
    this.counts.answered(key, visits, told.body.visits);
    this.root.querySelector("[data-total]").textContent = told.body.total.toLocaleString("en");
    const cell = cellOf(key);
    if (cell) cell.value = cell.defaultValue = told.body.visits;
    sumUp();
    return true;
  }
}

// Only what was not told yet counts more than what the page says: the sheet may have been corrected since.
function readCounts(store) {
  const kept = JSON.parse(localStorage.getItem(store) ?? "{}");
  return Object.fromEntries(Object.entries(kept).filter(([, { count, sent }]) => count > sent));
}

// ── the sheet below says the same as the button above ──

function cells() {
  return [...document.querySelectorAll("[data-cell]")];
}

function cellOf(key) {
  return cells().find((cell) => cell.dataset.cell === key);
}

function knownOf(key) {
  return Number(cellOf(key)?.defaultValue || 0);
}

function sumUp() {
  const sum = (some) => some.reduce((all, cell) => all + Number(cell.defaultValue || 0), 0).toLocaleString("en");
  for (const row of document.querySelectorAll("tr:has([data-row-sum])")) {
    row.querySelector("[data-row-sum]").textContent = sum([...row.querySelectorAll("[data-cell]")]);
  }
  for (const foot of document.querySelectorAll("[data-column-sum]")) {
    const gate = foot.dataset.columnSum; // empty: all of them
    foot.textContent = sum(cells().filter((cell) => !gate || cell.dataset.cell.startsWith(`${gate}|`)));
  }
}

const root = document.querySelector("[data-clicker]");
if (root) {
  const clicker = new Clicker(root);
  clicker.listen();
  clicker.render();
  clicker.send();
}
