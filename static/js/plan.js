// Moves vendors on the plan: by mouse (drag), by finger (tap, tap) and by keyboard (arrows, space, Escape).
// Nothing is decided here: a drop fills the hidden form, the server judges and answers with the page.
import { PlanBar } from "./plan_bar.js";

// How far a pressed mouse may tremble before it drags.
const DRAG_FROM_PX = 6;
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

// Who stands where, who is picked up, and which stall the keyboard is on.
class PlanBoard {
  constructor(plan, form, live) {
    this.plan = plan;
    this.form = form;
    this.live = live;
    this.hand = matchMedia("(pointer: coarse), (max-width: 40rem)").matches ? "Coarse" : "Fine";
    this.stalls = [...plan.querySelectorAll("[data-stall]")];
    this.centres = new Map(this.stalls.map((stall) => [stall, centreOf(stall)]));
    this.people = peopleByStall();
    this.current = this.stalls.find((stall) => stall.dataset.ref === form.dataset.focus) ?? this.stalls[0];
    this.held = null;
    this.bar = new PlanBar(this);
  }

  holderOf(stall) {
    return this.people.get(stall.dataset.ref);
  }

  say(key, words = {}) {
    const sentence = this.live.dataset[key + this.hand] ?? this.live.dataset[key];
    this.live.textContent = sentence.replace(/\{(\w+)\}/g, (_, name) => words[name] ?? "");
    this.live.parentElement.classList.remove("idle");
  }

  // ── where the keyboard is: one stall at a time can be reached by Tab ──

  makeReachable() {
    for (const stall of this.stalls) {
      stall.setAttribute("role", "button");
      stall.setAttribute("draggable", "false");
      stall.setAttribute("tabindex", "-1");
      stall.setAttribute("aria-pressed", "false");
    }
    this.current?.setAttribute("tabindex", "0");
  }

  moveTo(stall) {
    this.current.setAttribute("tabindex", "-1");
    this.current = stall;
    this.current.setAttribute("tabindex", "0");
  }

  // The page came back after a step: the stall of that step is in focus again.
  returnTo(stall) {
    stall.focus({ preventScroll: true });
    this.bar.show(stall);
    this.bar.centre(stall);
  }

  walk(stall) {
    this.moveTo(stall);
    stall.focus();
    if (!this.held) return;
    this.aim(stall);
    this.say("over", { state: stall.getAttribute("aria-label") });
  }

  // The nearest stall in a direction; one that lies aside counts as three times as far.
  neighbour(from, [dx, dy]) {
    const here = this.centres.get(from);
    let best = null;
    let least = Infinity;
    for (const stall of this.stalls) {
      const there = this.centres.get(stall);
      const ahead = (there.x - here.x) * dx + (there.y - here.y) * dy;
      const aside = Math.abs((there.x - here.x) * dy) + Math.abs((there.y - here.y) * dx);
      if (ahead <= 1) continue;
      const cost = ahead + aside * 3;
      if (cost < least) [best, least] = [stall, cost];
    }
    return best;
  }

  // ── who is picked up ──

  // Space, Enter or a tap: picks up, puts down, or says that nobody is there.
  press(stall) {
    if (this.held) return this.drop(stall);
    const person = this.holderOf(stall);
    if (person) return this.pickUp(person, stall);
    this.bar.show(stall);
    this.bar.reveal(stall);
    this.say("empty", { stall: stall.dataset.stall });
  }

  // The button under the plan.
  pick(stall) {
    if (this.held) return this.cancel();
    this.pickUp(this.holderOf(stall), stall);
    stall.focus();
  }

  // `stall` is null for somebody from the waiting list.
  pickUp(person, stall) {
    if (this.held) this.mark(false);
    this.held = { ...person, stall };
    this.mark(true);
    this.say("held", { who: person.name });
    this.bar.show(stall, person);
    if (stall) this.bar.reveal(stall);
  }

  drop(stall) {
    const { who, stall: from } = this.held;
    if (stall === from) return this.cancel();
    const other = this.holderOf(stall);
    this.form.elements.who.value = who;
    this.form.elements.to.value = other && other.who !== who ? `${stall.dataset.ref}.${other.who}` : stall.dataset.ref;
    this.say("sending");
    this.form.requestSubmit();
  }

  cancel() {
    this.mark(false);
    this.held = null;
    this.aim(null);
    this.say("cancelled");
    this.bar.show(this.current);
  }

  // Both stalls of somebody who has two.
  mark(isHeld) {
    for (const stall of this.stalls.filter((one) => this.holderOf(one)?.who === this.held?.who)) {
      stall.classList.toggle("held", isHeld);
      stall.setAttribute("aria-pressed", String(isHeld));
    }
  }

  aim(stall) {
    for (const one of this.plan.querySelectorAll(".target")) one.classList.remove("target");
    if (stall && stall !== this.held?.stall) stall.classList.add("target");
  }
}

// A finger scrolls the plan and taps; only a mouse or a pen drags.
class MouseDrag {
  constructor(board) {
    this.board = board;
    this.drag = null;
  }

  get moved() {
    return Boolean(this.drag?.moved);
  }

  listen() {
    this.board.plan.addEventListener("pointerdown", (event) => this.begin(event));
    addEventListener("pointermove", (event) => this.move(event));
    addEventListener("pointerup", (event) => this.end(event));
    addEventListener("pointercancel", () => this.lose());
    this.board.plan.addEventListener("dragstart", (event) => event.preventDefault());
  }

  begin(event) {
    const stall = stallOf(event);
    this.drag = null;
    if (!stall || event.pointerType === "touch" || event.button !== 0 || !this.board.holderOf(stall)) return;
    this.drag = { stall, x: event.clientX, y: event.clientY, moved: false };
  }

  move(event) {
    if (!this.drag || this.drag.over) return;
    if (!event.buttons) return this.lose(); // let go outside of the window
    const { stall, x, y, moved } = this.drag;
    if (!moved) {
      if (Math.hypot(event.clientX - x, event.clientY - y) < DRAG_FROM_PX) return;
      this.drag.moved = true;
      this.board.pickUp(this.board.holderOf(stall), stall);
    }
    this.board.aim(stallUnder(event));
  }

  end(event) {
    if (!this.moved) return this.forget();
    this.drag.over = true;
    const stall = stallUnder(event);
    if (stall) this.board.drop(stall);
    else this.board.cancel();
    setTimeout(() => this.forget()); // the click that follows still has to know
  }

  lose() {
    if (this.moved) this.board.cancel();
    this.forget();
  }

  forget() {
    this.drag = null;
  }
}

function listenToFocus(board) {
  board.plan.addEventListener("focusin", (event) => {
    const stall = stallOf(event);
    // A finger focuses before it clicks: buttons that came up under it would take the click.
    if (!stall?.matches(":focus-visible")) return;
    if (!board.held) board.bar.show(stall);
    board.bar.reveal(stall);
  });
}

function listenToKeys(board) {
  board.plan.addEventListener("keydown", (event) => {
    const stall = stallOf(event);
    if (!stall || event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key in ARROWS) {
      const next = board.neighbour(stall, ARROWS[event.key]);
      if (next) board.walk(next);
    } else if (event.key === " " || event.key === "Enter") board.press(stall);
    else if (event.key === "Escape" && board.held) board.cancel();
    else return;
    event.preventDefault();
  });
}

function listenToTaps(board, mouse) {
  board.plan.addEventListener("click", (event) => {
    const stall = stallOf(event);
    if (!stall) return;
    event.preventDefault();
    if (mouse.moved) return;
    board.moveTo(stall);
    board.press(stall);
  });
}

// Escape anywhere on the page.
function listenToEscape(board, mouse) {
  addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !board.held) return;
    mouse.forget();
    board.cancel();
  });
}

// Somebody in a list is picked up by the link beside the name.
function listenToLists(board) {
  for (const link of document.querySelectorAll("[data-plan-pick]")) {
    link.addEventListener("click", (event) => {
      event.preventDefault();
      const person = link.closest("[data-who]").dataset;
      board.pickUp(person, board.stalls.find((stall) => board.holderOf(stall) === person) ?? null);
      board.current?.scrollIntoView({ block: "center" });
      board.current?.focus({ preventScroll: true });
    });
  }
}

function peopleByStall() {
  const people = new Map();
  for (const row of document.querySelectorAll("[data-holds]")) {
    for (const ref of row.dataset.holds.split(" ")) people.set(ref, row.dataset);
  }
  return people;
}

function centreOf(stall) {
  const box = stall.querySelector(".box");
  const [x, y, width, height] = ["x", "y", "width", "height"].map((name) => Number(box.getAttribute(name)));
  return { x: x + width / 2, y: y + height / 2 };
}

function stallOf(event) {
  return event.target.closest("[data-stall]");
}

function stallUnder(event) {
  return document.elementFromPoint(event.clientX, event.clientY)?.closest("[data-plan] [data-stall]");
}

const plan = document.querySelector("[data-plan]");
const form = document.querySelector("[data-plan-form]");
const live = document.querySelector("[data-plan-live]");
if (plan && form && live) start(new PlanBoard(plan, form, live));

function start(board) {
  document.querySelector(`[data-plan-help="${board.hand}"]`).hidden = false;
  board.makeReachable();
  listenToFocus(board);
  if (form.dataset.focus) board.returnTo(board.current);
  listenToKeys(board);
  const mouse = new MouseDrag(board);
  listenToTaps(board, mouse);
  mouse.listen();
  listenToEscape(board, mouse);
  listenToLists(board);
}
