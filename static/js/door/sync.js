// Brings scans and presses to the server, whenever and however often: each has a number of its own, so the order does
// not matter.
import { ask, clock, fetchPackage } from "./line.js";
import { kept, scans } from "./store.js";

const SCANS_AT_ONCE = 50;
const COUNTS_AT_ONCE = 3; // presses for each scan: they are quicker to answer
const OFTEN_MS = 15_000;
const PACKAGE_MS = 60_000;

export class Sync extends EventTarget {
  constructor({ key, day, version, fetchedAt, counting = false }) {
    super();
    this.key = key;
    this.day = day;
    this.counting = counting; // whether to ask how many were counted
    this.version = version;
    this.fetchedAt = fetchedAt;
    this.reached = null; // whether the server answered the last time; null: not asked yet
    this.busy = null;
    this.again = false;
    this.atOnce = SCANS_AT_ONCE; // less after a failure, so that something gets through when the server is slow
  }

  start() {
    addEventListener("online", () => this.bring());
    addEventListener("offline", () => this.note(false));
    setInterval(() => this.bring(), OFTEN_MS);
    setInterval(() => this.renew(), PACKAGE_MS);
    return this.bring();
  }

  note(reached) {
    this.reached = reached;
    this.dispatchEvent(new Event("line"));
  }

  tell(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }

  // One at a time; whoever asks meanwhile is served by one more turn.
  async bring() {
    this.again = true;
    this.busy ??= this.turns().finally(() => (this.busy = null));
    return this.busy;
  }

  async turns() {
    while (this.again) {
      this.again = false;
      try {
        await this.bringAll();
      } catch (error) {
        console.warn("gate: not brought", error?.message);
        this.atOnce = Math.max(1, this.atOnce >> 1);
        this.note(false);
      }
    }
  }

  async bringAll() {
    let waiting = await this.waiting();
    do {
      const some = waiting.filter(({ kind }) => kind !== "count").slice(0, this.atOnce);
      const counts = waiting.filter(({ kind }) => kind === "count").slice(0, COUNTS_AT_ONCE * this.atOnce);
      const mono = performance.now();
      const rest = waiting.length - some.length - counts.length;
      const body = { day: this.day, scans: some, counts, waiting: rest, counting: this.counting };
      const told = await ask("/door/scans", { key: this.key, body });
      if (!told.ok) return this.refused(told);
      this.atOnce = Math.min(SCANS_AT_ONCE, 2 * this.atOnce);
      await clock.heard(told.body.now, mono);
      for (const { id } of [...told.body.scans, ...told.body.counts]) await scans.remove(id);
      this.note(true);
      if (told.body.visits) this.tell("visits", told.body.visits);
      if (counts.length) this.tell("counted", counts.length);
      for (const answer of told.body.scans) {
        this.tell("answer", { answer, scan: some.find(({ id }) => id === answer.id) });
      }
      if (told.body.stopped) return this.tell("stopped", told.body.stopped);
      waiting = await this.waiting();
    } while (waiting.length);
  }

  async waiting() {
    return (await scans.all()).filter((scan) => !scan.trial);
  }

  leave() {
    return ask("/door/leave", { key: this.key, body: {} });
  }

  refused(told) {
    this.note(true);
    this.tell("refused", told.body?.sentence ?? "");
  }

  async renew() {
    try {
      const told = await fetchPackage(this.key, this.version);
      this.note(true);
      if ([401, 410].includes(told.status)) return this.bring(); // brings what it has, and hears why
      if (!told.ok) return;
      this.fetchedAt = clock.now();
      await kept.set("fetchedAt", this.fetchedAt);
      if (told.body) await this.changed(told.body);
      this.dispatchEvent(new Event("line"));
    } catch (error) {
      console.warn("gate: no package", error?.message);
      this.note(false);
    }
  }

  async changed(package_) {
    this.version = package_.version;
    await kept.set("package", package_);
    this.tell("package", package_);
  }
}
