// Counts people by the thumb. Every slot keeps its whole count in the phone and tells that figure, so that telling it
// again, or late, adds nothing twice.
import { tell } from "./queue.js";

const root = document.querySelector("[data-clicker]");
if (root) start();

function start() {
  const form = root.querySelector("[data-click-form]");
  const entrance = form.elements.entrance.value;
  const store = `visits:${root.dataset.day}`;
  const ahead = Number(root.dataset.now) - Date.now(); // phones are seldom exactly right
  const slots = [...root.querySelectorAll("[data-slots] li")];
  const shown = root.querySelector("[data-slot-visits]");

  // What this phone has counted and the server does not know yet.
  const counts = readCounts(store);
  let timer = 0;
  let telling = false;
  let failed = false;

  const slotNow = () => Math.max(1, slots.filter((slot) => Number(slot.dataset.start) <= Date.now() + ahead).length);
  const cellOf = (key) => [...document.querySelectorAll("[data-cell]")].find((cell) => cell.dataset.cell === key);
  const knownTo = (key) => Number(cellOf(key)?.defaultValue || 0);
  const countOf = (key) => counts[key]?.count ?? knownTo(key);
  const unsent = () => Object.keys(counts).filter((key) => counts[key].count > counts[key].sent);

  function press() {
    const key = `${entrance}|${slotNow()}`;
    counts[key] ??= { count: knownTo(key), sent: knownTo(key) };
    counts[key].count += 1;
    keep();
    navigator.vibrate?.(20);
    clearTimeout(timer);
    timer = setTimeout(send, 600); // a group that comes in together is one message
  }

  function keep() {
    localStorage.setItem(store, JSON.stringify(counts));
    render();
  }

  function render() {
    const slot = slotNow();
    root.querySelector("[data-slot-hours]").textContent = slots[slot - 1].textContent;
    shown.textContent = countOf(`${entrance}|${slot}`);
    form.elements.slot.value = slot;
    form.elements.visits.value = countOf(`${entrance}|${slot}`) + 1;
    const waiting = unsent().length;
    document.querySelector("[data-unsent]").hidden = waiting === 0 || (navigator.onLine && !failed);
    document.querySelector("[data-unsent-count]").textContent = waiting;
  }

  async function send() {
    if (telling) return;
    telling = true;
    for (const key of unsent()) {
      const visits = counts[key].count;
      const [gate, slot] = [key.slice(0, key.lastIndexOf("|")), key.slice(key.lastIndexOf("|") + 1)];
      const told = await tell(root.dataset.action, { entrance: gate, slot, visits }).catch(() => null);
      failed = !told?.ok;
      if (failed) break;
      counts[key].count = Math.max(counts[key].count, told.body.visits);
      counts[key].sent = Math.max(visits, told.body.visits);
      root.querySelector("[data-total]").textContent = told.body.total.toLocaleString("en");
      const cell = cellOf(key);
      if (cell) cell.value = cell.defaultValue = told.body.visits;
      sumUp();
    }
    telling = false;
    keep();
    if (!failed && unsent().length) send();
  }

  // The sheet below says the same as the button above.
  function sumUp() {
    const sum = (cells) => [...cells].reduce((all, cell) => all + Number(cell.defaultValue || 0), 0).toLocaleString("en");
    for (const row of document.querySelectorAll("tr:has([data-row-sum])")) {
      row.querySelector("[data-row-sum]").textContent = sum(row.querySelectorAll("[data-cell]"));
    }
    for (const foot of document.querySelectorAll("[data-column-sum]")) {
      const gate = foot.dataset.columnSum; // empty: all of them
      const cells = [...document.querySelectorAll("[data-cell]")];
      foot.textContent = sum(gate ? cells.filter((cell) => cell.dataset.cell.startsWith(`${gate}|`)) : cells);
    }
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    press();
  });
  addEventListener("online", send);
  setInterval(() => (unsent().length ? send() : render()), 15_000);
  render();
  send();
}

// Only what was not told yet counts more than what the page says: the sheet may have been corrected since.
function readCounts(store) {
  const kept = JSON.parse(localStorage.getItem(store) ?? "{}");
  return Object.fromEntries(Object.entries(kept).filter(([, { count, sent }]) => count > sent));
}
