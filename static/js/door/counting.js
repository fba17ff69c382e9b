// Counts visitors by the thumb: each press is kept before it is shown as told, and brought like a scan, in any order.
import { clock } from "./line.js";
import { hoursText, made } from "./screen.js";
import { kept, newId, scans } from "./store.js";
import { filled, word } from "./words.js";

const TOGETHER_MS = 600; // a group that comes in together is one message
const LOOK_MS = 15_000;
const UNDONE_AT_MOST = 50;
const FACTOR = 100; // multipliers are in hundredths

const find = (name) => document.querySelector(`[data-${name}]`);

export class Counting {
  // What was pressed before a reload.
  static async kept() {
    return { presses: (await kept.get("presses")) ?? [], visits: await kept.get("visits") };
  }

  constructor(bag, sync, { presses, visits }) {
    this.bag = bag;
    this.sync = sync;
    this.presses = presses; // the last ones, so that they can be taken back
    this.visits = visits ?? { slots: bag.counting.map(() => 0), total: 0, left: 0 };
    this.timer = 0;
    this.sync.addEventListener("visits", ({ detail }) => this.heard(detail));
    this.listen();
    this.fillSlots();
    this.show();
    setInterval(() => this.show(), LOOK_MS);
  }

  listen() {
    find("press-in").addEventListener("click", () => this.press("in"));
    find("press-out").addEventListener("click", () => this.press("out"));
    find("press-undo").addEventListener("click", () => this.undo());
    find("sample-form").addEventListener("submit", (event) => this.onSample(event));
  }

  slotNow() {
    return this.slotOf(clock.now());
  }

  slotOf(moment) {
    return Math.max(1, this.bag.counting.filter(([start]) => start <= moment).length);
  }

  async press(way) {
    const last = { way, at: clock.now() };
    this.presses = [...this.presses, last].slice(-UNDONE_AT_MOST);
    navigator.vibrate?.(20);
    const isKept = await this.keep({ way, number: 1, seen_at: last.at });
    if (!isKept) this.presses = this.presses.filter((one) => one !== last);
    await this.pressed();
  }

  // A press is taken back in the part of the day to which it belonged.
  async undo() {
    const last = this.presses.at(-1);
    if (!last) return;
    this.presses = this.presses.slice(0, -1);
    navigator.vibrate?.([20, 60, 20]);
    const isKept = await this.keep({ way: last.way, number: -1, seen_at: last.at });
    if (!isKept) this.presses = [...this.presses, last];
    await this.pressed();
  }

  // After a reload the same presses can be taken back.
  async pressed() {
    await kept.set("presses", this.presses).catch((error) => console.warn("gate: presses not kept", error));
    await this.show();
  }

  // Whether this phone had room for it.
  async keep(told) {
    const { entrance } = this.bag.phone;
    const scan = { id: newId(), kind: "count", entrance, phone_at: Date.now(), ...told };
    const isKept = await scans.add(scan).then(() => true, () => false);
    find("count-note").textContent = isKept ? "" : word("no-room-detail");
    await this.show();
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.sync.bring(), TOGETHER_MS);
    return isKept;
  }

  // Other hours, or a day that is over.
  async renew() {
    this.fillSlots();
    await this.show();
  }

  async heard(visits) {
    this.visits = visits;
    await kept.set("visits", visits);
    await this.show();
  }

  async show() {
    if (!this.bag.counting.length) return;
    const waiting = (await this.sync.waiting()).filter(({ kind, sampling }) => kind === "count" && !sampling);
    const sum = (some) => some.reduce((all, { number }) => all + number, 0);
    const slot = this.slotNow();
    const cameIn = waiting.filter(({ way }) => way === "in");
    const here = (this.visits.slots[slot - 1] ?? 0) + sum(cameIn.filter(({ seen_at: at }) => this.slotOf(at) === slot));
    find("slot-hours").textContent = hoursText(this.bag.counting[slot - 1], this.bag.day.zone);
    find("slot-visits").textContent = Math.max(0, here);
    find("total-visits").textContent = filled(word("total"), { n: this.visits.total + sum(cameIn) });
    find("left-visits").textContent = Math.max(0, this.visits.left + sum(waiting.filter(({ way }) => way === "out")));
    find("press-undo").disabled = this.presses.length === 0;
  }

  fillSlots() {
    const options = this.bag.counting.map((hours, index) =>
      made("option", { value: index + 1, textContent: hoursText(hours, this.bag.day.zone) }),
    );
    const choice = find("sample-form").elements.slot;
    const chosen = choice.value;
    choice.replaceChildren(...options);
    if (options.length) choice.value = options[chosen - 1] ? chosen : this.slotNow();
  }

  // What was really counted, how, and by what it is multiplied.
  async onSample(event) {
    event.preventDefault();
    const { slot, sampling, number, factor } = event.target.elements;
    const times = Math.round(FACTOR * Number(sampling.selectedOptions[0].dataset.factor || factor.value));
    const raw = Number(number.value);
    if (!number.value || !Number.isInteger(raw) || raw < 0 || !(times >= FACTOR && times <= 100 * FACTOR)) {
      find("count-note").textContent = word("sample-wrong");
      return;
    }
    const values = { n: raw, factor: times / FACTOR, visits: Math.round((raw * times) / FACTOR) };
    const told = { slot: Number(slot.value), sampling: sampling.value, number: raw, factor: times };
    if (!(await this.keep({ ...told, seen_at: clock.now() }))) return;
    find("count-note").textContent = filled(word("sample-kept"), values);
    number.value = "";
  }
}
