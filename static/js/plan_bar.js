// The buttons under the plan: what can be done with the stall under the finger or the keyboard, and their keys
// (P pins, Delete frees after a question, K keeps empty, Ctrl+Z takes the last step back).
// Every button sends a form of the page; nothing is decided here.
export function startBar({ plan, personOn, isHolding, pick, say }) {
  const bar = document.querySelector("[data-plan-bar]");
  const part = (name) => bar.querySelector(`[data-bar="${name}"]`);
  const [pickUp, pin, second, release, keep] = ["pick", "pin", "second", "release", "keep"].map(part);
  const question = release.querySelector("summary");
  let shown = null;

  // `person` may be somebody from the waiting list, who stands nowhere.
  function show(stall, person = personOn(stall)) {
    shown = stall;
    bar.hidden = false;
    bar.parentElement.classList.remove("idle");
    release.open = false;
    bar.querySelector("[data-bar-stall]").textContent = person ? person.label : stall.dataset.stall;
    bar.querySelector("[data-bar-name]").textContent = person?.name ?? "";
    pickUp.textContent = isHolding() ? pickUp.dataset.up : pickUp.dataset.down;
    pickUp.hidden = !person;
    for (const one of [pin, second, release]) one.hidden = !person || !stall;
    keep.hidden = Boolean(person) || stall.classList.contains("closed");
    if (person) {
      fill(pin, { who: person.who, fixed: person.pinned ? "" : "1" }, person.pinned);
      fill(second, { who: person.who, two: person.two ? "" : "1" }, person.two);
      release.querySelector("[name=who]").value = person.who;
    } else {
      const kept = stall.classList.contains("kept");
      fill(keep, { stall: stall.dataset.ref, kept: kept ? "" : "1" }, kept);
    }
  }

  // The buttons float over the foot of the plan on a small screen; the stall they are about stays in sight.
  function reveal(stall) {
    const [box, float] = [stall, bar.parentElement].map((one) => one.getBoundingClientRect());
    if (box.bottom > float.top) scrollBy({ top: box.bottom - float.top + 8 });
    centre(stall);
  }

  // A wide plan scrolls sideways.
  function centre(stall) {
    const frame = plan.parentElement;
    const [box, view] = [stall, frame].map((one) => one.getBoundingClientRect());
    if (box.left >= view.left && box.right <= view.right) return;
    frame.scrollBy({ left: box.left - view.left - (view.width - box.width) / 2 });
  }

  function fill(form, values, isSo) {
    for (const [name, value] of Object.entries(values)) form.elements[name].value = value;
    const button = form.querySelector("button");
    button.textContent = isSo ? button.dataset.yes : button.dataset.no;
  }

  function send(form) {
    say("sending");
    form.requestSubmit();
  }

  function ask() {
    release.open = true;
    release.querySelector("button").focus();
    say("ask", { stall: personOn(shown).label });
  }

  const onHolder = (act) => (personOn(shown) ? act() : say("nobody", { stall: shown.dataset.stall }));
  const keys = {
    p: () => onHolder(() => send(pin)),
    Delete: () => onHolder(ask),
    Backspace: () => onHolder(ask),
    k: () => (keep.hidden ? say("busy", { stall: shown.dataset.stall }) : send(keep)),
  };

  plan.addEventListener("keydown", (event) => {
    const act = keys[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!act || !shown || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    act();
  });
  plan.addEventListener("keydown", (event) => {
    if (event.key.toLowerCase() !== "z" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    document.querySelector("form.undo")?.requestSubmit();
  });
  pickUp.addEventListener("click", () => pick(shown));
  release.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    event.stopPropagation(); // whoever is picked up stays so
    release.open = false;
    shown.focus();
    say("cancelled");
  });
  question.addEventListener("click", () => {
    if (!release.open) say("ask", { stall: personOn(shown).label });
  });
  release.addEventListener("toggle", () => (release.parentElement.scrollLeft = 0));
  return { show, reveal, centre };
}
