// The one page of a phone at the gate: it opens what it keeps, scans, says what it knows, and brings it to the server.
import { readPicture } from "../scanner.js";
import { Camera } from "./camera.js";
import { Counting } from "./counting.js";
import { bagOf } from "./judge.js";
import { clock, fetchPackage } from "./line.js";
import { tryAll } from "./ready.js";
import { Scanning } from "./scanning.js";
import { Line, showAge, showHead, showOnly, showReady, showVerdict } from "./screen.js";
import { listenForSearch } from "./search.js";
import { allowSound, stayAwake } from "./signals.js";
import { askToPersist, forget, kept, scans } from "./store.js";
import { Sync } from "./sync.js";
import { filled, saying, word } from "./words.js";

const root = document.querySelector("[data-door]");
const find = (name) => document.querySelector(`[data-${name}]`);
const FILES = JSON.parse(root.dataset.files);
const LOOK_MS = 20_000;
const PATIENCE_MS = 8000;

async function begin() {
  let key;
  try {
    key = await kept.get("key");
  } catch (error) {
    console.warn("gate: no store", error);
    return showOnly("no-store");
  }
  if (!key) return showOnly("outside");
  await clock.load();
  const package_ = (await kept.get("package")) ?? (await firstPackage(key));
  if (!package_) return;
  const door = new Door(key, package_, await kept.get("fetchedAt"), (await kept.get("mine")) ?? {});
  await door.open(await Counting.kept());
}

// The first visit needs a network; a phone that was told to stop hears it here.
async function firstPackage(key) {
  try {
    const told = await fetchPackage(key, "");
    if (!told.ok) return void (await end());
    await kept.set("package", told.body);
    await kept.set("fetchedAt", clock.now());
    return told.body;
  } catch (error) {
    console.warn("gate: no package yet", error?.message);
    showOnly("no-line");
    addEventListener("online", () => location.reload(), { once: true });
    return null;
  }
}

async function end() {
  await forget();
  showOnly("ended");
}

class Door {
  constructor(key, package_, fetchedAt, mine) {
    this.bag = { ...bagOf(package_), fetchedAt };
    const { day, version, counting } = package_;
    this.sync = new Sync({ key, day: day.ref, version, fetchedAt, counting: counting.length > 0 });
    this.line = new Line();
    this.scanning = new Scanning(this.bag, mine, this.sync);
    this.camera = new Camera((code) => this.scanning.onCode(code));
  }

  async open(counted) {
    if (this.isOver()) return this.closeDown();
    this.counting = new Counting(this.bag, this.sync, counted);
    showHead(this.bag);
    showAge(this.bag);
    showOnly("scan");
    this.choose(location.hash === "#count" ? "count" : "scan");
    this.listen();
    this.listenToLine();
    askToPersist();
    await this.showLine();
    this.sync.start();
    setInterval(() => this.isOver() && this.closeDown(), LOOK_MS);
    await keepPage();
    showReady(await tryAll(this.bag, FILES));
  }

  isOver() {
    return clock.now() > this.bag.phone.until;
  }

  // The roster goes when the market is over; what was not brought yet stays until it is.
  async closeDown() {
    this.camera.close();
    for (const name of ["package", "mine", "presses", "visits"]) await kept.remove(name);
    await this.sync.bring();
    if (await scans.count()) showOnly("undelivered");
    else await end();
  }

  listenToLine() {
    this.sync.addEventListener("line", () => this.showLine());
    this.sync.addEventListener("answer", ({ detail }) => {
      this.line.brought(1);
      this.scanning.answered(detail);
      this.showLine();
    });
    this.sync.addEventListener("counted", ({ detail }) => {
      this.line.brought(detail);
      this.showLine();
    });
    this.sync.addEventListener("package", ({ detail }) => this.renew(detail));
    this.sync.addEventListener("stopped", () => end());
    this.sync.addEventListener("refused", ({ detail }) => (find("wrong").textContent = detail));
  }

  renew(package_) {
    Object.assign(this.bag, bagOf(package_));
    showHead(this.bag);
    this.sync.counting = this.bag.counting.length > 0;
    this.counting.renew();
    this.choose(location.hash === "#count" ? "count" : "scan");
  }

  // Scanning or counting; only one of them is on the screen.
  choose(pane) {
    const canCount = this.bag.counting.length > 0;
    find("modes").hidden = !canCount;
    const shown = canCount ? pane : "scan";
    for (const one of document.querySelectorAll("[data-pane]")) one.hidden = one.dataset.pane !== shown;
    for (const button of document.querySelectorAll("[data-mode]")) {
      button.setAttribute("aria-pressed", String(button.dataset.mode === shown));
    }
    history.replaceState(null, "", shown === "count" ? "#count" : location.pathname);
    if (shown === "count" && this.camera.isOn) this.camera.close();
  }

  async showLine() {
    this.bag.fetchedAt = this.sync.fetchedAt;
    showAge(this.bag);
    this.line.show(this.sync.reached, (await this.sync.waiting()).length);
    this.scanning.lineChanged(this.sync.reached);
  }

  listen() {
    find("scan").addEventListener("click", () => this.press());
    this.camera.onClosed = () => (find("scan").textContent = word("start"));
    find("typed-form").addEventListener("submit", (event) => this.onTyped(event));
    find("picture").addEventListener("change", (event) => this.onPicture(event.target));
    for (const button of document.querySelectorAll("[data-mode]")) {
      button.addEventListener("click", () => this.choose(button.dataset.mode));
    }
    find("leave").addEventListener("click", () => this.leave());
    listenForSearch(this.sync.key, (one) => this.scanning.letIn(one));
    document.addEventListener("visibilitychange", () => !document.hidden && this.camera.isOn && stayAwake());
    addEventListener("beforeunload", (event) => !navigator.serviceWorker?.controller && event.preventDefault());
  }

  async press() {
    allowSound();
    if (this.camera.isOn) return this.camera.close();
    find("scan").textContent = word("stop");
    this.scanning.clear();
    find("awake").hidden = await stayAwake();
    try {
      await this.camera.open();
    } catch (error) {
      console.warn("gate: no camera", error?.name);
      const said = document.querySelector(`[data-camera-error="${error?.name}"]`) ?? find('camera-error=""');
      showVerdict({ kind: "wait", word: word("no-camera"), detail: said.textContent.trim() });
      find("picture-label").hidden = false;
      find("typed").open = true;
    }
  }

  onTyped(event) {
    event.preventDefault();
    allowSound();
    const field = event.target.elements.code;
    const code = field.value.trim();
    if (!code) return field.focus();
    field.value = "";
    find("typed").open = false;
    this.scanning.check(code, "typed");
  }

  async onPicture(input) {
    const [file] = input.files;
    if (!file) return;
    const code = await readPicture(file).catch((error) => console.warn("gate: no picture", error));
    input.value = "";
    if (code) this.scanning.check(code, "camera");
    else showVerdict({ kind: "wait", word: word("no-code"), detail: word("no-code-detail") });
  }

  async leave() {
    await this.sync.bring();
    const waiting = (await this.sync.waiting()).length;
    if (waiting) {
      showVerdict({ kind: "wait", word: word("not-yet"), detail: filled(word("leave-kept"), { n: waiting }) });
      return;
    }
    await this.sync.leave();
    this.camera.close();
    await end();
  }
}

// Registers the worker that keeps the page, and waits until it looks after this page.
async function keepPage() {
  const worker = navigator.serviceWorker;
  if (!worker) return;
  try {
    await Promise.race([worker.register("/door/worker.js", { scope: "/door/" }), patience()]);
    if (!worker.controller) await Promise.race([taken(worker), patience()]);
  } catch (error) {
    console.warn("gate: the page is not kept", error?.message);
  }
}

function taken(worker) {
  return new Promise((resolve) => worker.addEventListener("controllerchange", resolve, { once: true }));
}

// Some browsers take a worker and never start it.
function patience() {
  return new Promise((resolve) => setTimeout(resolve, PATIENCE_MS));
}

showVerdict(saying("waiting"));
begin();
