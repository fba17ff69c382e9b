// One scan after the other: judged here at once, kept before anything else, shown, and put right by the server.
import { judge } from "./judge.js";
import { clock } from "./line.js";
import { listLate, ownAnswer, showLater, showVerdict } from "./screen.js";
import { signal } from "./signals.js";
import { kept, newId, scans } from "./store.js";
import { saying, word } from "./words.js";

// What is no pass of anybody is not worth bringing; the server could say no more of it.
const DROPPED = ["unknown_code", "sample"];
const NO_VERDICTS = ["unlisted", "sample"];

export class Scanning {
  constructor(bag, mine, sync) {
    this.bag = bag;
    this.mine = mine; // who came by this phone, by the mark of the holder
    this.sync = sync;
    this.shown = null; // the scan on the screen
    this.busy = false;
  }

  clear() {
    this.shown = null;
    showVerdict(saying("looking"));
  }

  // From the camera; false: not taken, tell it again.
  onCode(code) {
    if (this.busy) return false;
    this.check(code, "camera");
    return true;
  }

  async check(code, method) {
    this.busy = true;
    try {
      const at = clock.now();
      const told = await judge(code, this.bag, this.mine, at);
      const scan = this.made(code, method, at, told.verdict);
      if (!DROPPED.includes(told.verdict)) await this.keep(scan, told, at);
      this.show(scan, told, at);
    } finally {
      this.busy = false;
    }
  }

  // Somebody known, found by name: the server decides, as no pass was seen.
  async letIn({ ref, stall, name }) {
    const scan = this.made(ref, "list", clock.now(), null);
    await scans.add(scan);
    this.shown = scan;
    showVerdict({ word: word("checking"), stall, name });
    this.sync.bring();
  }

  made(code, method, at, verdict) {
    const told = verdict && !NO_VERDICTS.includes(verdict) ? verdict : null;
    return { id: newId(), code, method, seen_at: at, phone_at: Date.now(), told };
  }

  // First of all: a reload or an empty battery loses nothing.
  async keep(scan, told, at) {
    try {
      await scans.add(scan);
    } catch (error) {
      console.warn("gate: no room in this phone to keep a scan", error);
      showVerdict({ kind: "stop", word: word("no-room"), detail: word("no-room-detail") });
    }
    if (told.verdict === "admitted") {
      this.mine[told.row.h] = [at, this.bag.phone.entrance];
      await kept.set("mine", this.mine);
    }
    this.sync.bring();
  }

  show(scan, told, at) {
    this.shown = scan;
    const answer = ownAnswer(told, this.bag, at);
    showVerdict(answer, answer.kind === "go" ? this.laterMark() : "");
    this.shownKind = answer.kind;
    signal(answer.kind);
  }

  laterMark() {
    return this.sync.reached === false || !navigator.onLine ? "later-off" : "later-checking";
  }

  lineChanged(reached) {
    if (reached === false && this.shown && this.shownKind === "go") showLater("later-off");
  }

  // The server's word: on the screen if that scan is still there, else in the list if it is another.
  answered({ scan, answer }) {
    if (!scan) return;
    if (this.shown?.id === scan.id) {
      this.shown = null;
      showVerdict(answer.verdict === "held" ? { ...answer, word: word("held") } : answer);
      if (answer.kind !== this.shownKind) signal(answer.kind);
    } else if (answer.verdict !== scan.told) {
      listLate(scan, answer, this.bag);
    }
  }
}
