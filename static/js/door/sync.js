// Brings scans to the server, whenever and however often: each has a number of its own, so the order does not matter.
import { ask, clock, fetchPackage } from "./line.js";
import { kept, scans } from "./store.js";

const AT_ONCE = 50;
const OFTEN_MS = 15_000;
const PACKAGE_MS = 60_000;

export class Sync extends EventTarget {
  constructor({ key, day, version, fetchedAt }) {
    super();
    this.key = key;
    this.day = day;
    this.version = version;
    this.fetchedAt = fetchedAt;
    this.reached = null; // whether the server answered the last time; null: not asked yet
    this.busy = null;
    this.again = false;
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
        this.note(false);
      }
    }
  }

  async bringAll() {
    let waiting = await this.waiting();
    do {
      const some = waiting.slice(0, AT_ONCE);
      const mono = performance.now();
      const body = { day: this.day, scans: some, waiting: waiting.length - some.length };
      const told = await ask("/door/scans", { key: this.key, body });
      if (!told.ok) return this.refused(told);
      await clock.heard(told.body.now, mono);
      for (const answer of told.body.scans) await scans.remove(answer.id);
      this.note(true);
      for (const answer of told.body.scans) this.tell("answer", { answer, scan: some.find(({ id }) => id === answer.id) });
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
