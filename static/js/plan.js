// Moves vendors on the plan: by mouse (drag), by finger (tap, tap) and by keyboard (arrows, space, Escape).
// Nothing is decided here: a drop fills the hidden form, the server judges and answers with the page.
import { startBar } from "./plan_bar.js";

const plan = document.querySelector("[data-plan]");
const form = document.querySelector("[data-plan-form]");
const live = document.querySelector("[data-plan-live]");
if (plan && form && live) start();

function start() {
  const stalls = [...plan.querySelectorAll("[data-stall]")];
  const people = new Map();
  for (const row of document.querySelectorAll("[data-holds]")) {
    for (const ref of row.dataset.holds.split(" ")) people.set(ref, row.dataset);
  }
  const centres = new Map(stalls.map((stall) => [stall, centreOf(stall)]));
  let held = null;
  let drag = null;
  let current = stalls.find((stall) => stall.dataset.ref === form.dataset.focus) ?? stalls[0];

  const holderOf = (stall) => people.get(stall.dataset.ref);
  const hand = matchMedia("(pointer: coarse)").matches ? "Coarse" : "Fine";
  const say = (key, words = {}) => {
    const sentence = live.dataset[key + hand] ?? live.dataset[key];
    live.textContent = sentence.replace(/\{(\w+)\}/g, (_, name) => words[name] ?? "");
    live.parentElement.classList.remove("idle");
  };
  const { show, reveal, centre } = startBar({ plan, personOn: holderOf, isHolding: () => held !== null, pick, say });

  document.querySelector(`[data-plan-help="${hand}"]`).hidden = false;
  for (const stall of stalls) {
    stall.setAttribute("role", "button");
    stall.setAttribute("draggable", "false");
    stall.setAttribute("tabindex", "-1");
    stall.setAttribute("aria-pressed", "false");
  }
  current?.setAttribute("tabindex", "0");
  plan.addEventListener("focusin", (event) => {
    const stall = event.target.closest("[data-stall]");
    // A finger focuses before it clicks: buttons that came up under it would take the click.
    if (!stall?.matches(":focus-visible")) return;
    if (!held) show(stall);
    reveal(stall);
  });
  if (form.dataset.focus) {
    current.focus({ preventScroll: true });
    show(current);
    centre(current);
  }

  function mark(isHeld) {
    for (const stall of stalls.filter((one) => holderOf(one)?.who === held?.who)) {
      stall.classList.toggle("held", isHeld);
      stall.setAttribute("aria-pressed", String(isHeld));
    }
  }

  function pickUp(person, stall) {
    if (held) mark(false);
    held = { ...person, stall };
    mark(true);
    say("held", { who: person.name });
    show(stall, person);
    if (stall) reveal(stall);
  }

  function cancel() {
    mark(false);
    held = null;
    aim(null);
    say("cancelled");
    show(current);
  }

  function pick(stall) {
    if (held) return cancel();
    pickUp(holderOf(stall), stall);
    stall.focus();
  }

  function drop(stall) {
    if (stall === held.stall) return cancel();
    const other = holderOf(stall);
    form.elements.who.value = held.who;
    form.elements.to.value = other && other.who !== held.who ? `${stall.dataset.ref}.${other.who}` : stall.dataset.ref;
    say("sending");
    form.requestSubmit();
  }

  function press(stall) {
    if (held) return drop(stall);
    const person = holderOf(stall);
    if (person) return pickUp(person, stall);
    show(stall);
    reveal(stall);
    say("empty", { stall: stall.dataset.stall });
  }

  function aim(stall) {
    for (const one of plan.querySelectorAll(".target")) one.classList.remove("target");
    if (stall && stall !== held?.stall) stall.classList.add("target");
  }

  function go(stall) {
    current.setAttribute("tabindex", "-1");
    current = stall;
    current.setAttribute("tabindex", "0");
    current.focus();
    if (held) {
      aim(stall);
      say("over", { state: stall.getAttribute("aria-label") });
    }
  }

  function neighbour(from, dx, dy) {
    const here = centres.get(from);
    let best = null;
    let least = Infinity;
    for (const stall of stalls) {
      const there = centres.get(stall);
      const ahead = (there.x - here.x) * dx + (there.y - here.y) * dy;
      const aside = Math.abs((there.x - here.x) * dy) + Math.abs((there.y - here.y) * dx);
      if (ahead <= 1) continue;
      const cost = ahead + aside * 3;
      if (cost < least) [best, least] = [stall, cost];
    }
    return best;
  }

  const arrows = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  plan.addEventListener("keydown", (event) => {
    const stall = event.target.closest("[data-stall]");
    if (!stall || event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key in arrows) {
      const next = neighbour(stall, ...arrows[event.key]);
      if (next) go(next);
    } else if (event.key === " " || event.key === "Enter") press(stall);
    else if (event.key === "Escape" && held) cancel();
    else return;
    event.preventDefault();
  });

  plan.addEventListener("click", (event) => {
    const stall = event.target.closest("[data-stall]");
    if (!stall) return;
    event.preventDefault();
    if (drag?.moved) return;
    current.setAttribute("tabindex", "-1");
    current = stall;
    current.setAttribute("tabindex", "0");
    press(stall);
  });

  // A finger scrolls the plan and taps; only a mouse or a pen drags.
  plan.addEventListener("pointerdown", (event) => {
    const stall = event.target.closest("[data-stall]");
    drag = null;
    if (!stall || event.pointerType === "touch" || event.button !== 0 || !holderOf(stall)) return;
    drag = { stall, x: event.clientX, y: event.clientY, moved: false };
  });
  addEventListener("pointermove", (event) => {
    if (!drag) return;
    if (!drag.moved) {
      if (Math.hypot(event.clientX - drag.x, event.clientY - drag.y) < 6) return;
      drag.moved = true;
      pickUp(holderOf(drag.stall), drag.stall);
    }
    aim(stallAt(event));
  });
  addEventListener("pointerup", (event) => {
    if (!drag?.moved) return;
    const stall = stallAt(event);
    if (stall) drop(stall);
    else cancel();
    setTimeout(() => (drag = null));
  });
  addEventListener("pointercancel", () => {
    if (drag?.moved) cancel();
    drag = null;
  });
  plan.addEventListener("dragstart", (event) => event.preventDefault());
  addEventListener("keydown", (event) => {
    if (event.key === "Escape" && held) {
      if (drag) drag = null;
      cancel();
    }
  });

  const stallAt = (event) => document.elementFromPoint(event.clientX, event.clientY)?.closest("[data-plan] [data-stall]");

  // Somebody in a list is picked up by the link beside the name.
  for (const link of document.querySelectorAll("[data-plan-pick]")) {
    link.addEventListener("click", (event) => {
      event.preventDefault();
      const person = link.closest("[data-who]").dataset;
      pickUp(person, stalls.find((stall) => holderOf(stall) === person) ?? null);
      current?.scrollIntoView({ block: "center" });
      current?.focus({ preventScroll: true });
    });
  }
}

function centreOf(stall) {
  const box = stall.querySelector(".box");
  const [x, y, width, height] = ["x", "y", "width", "height"].map((name) => Number(box.getAttribute(name)));
  return { x: x + width / 2, y: y + height / 2 };
}
