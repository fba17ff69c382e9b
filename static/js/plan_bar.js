// The buttons under the plan: what can be done with the stall under the finger or the keyboard, and their keys
// (P pins, Delete frees after a question, K keeps empty, Ctrl+Z takes the last step back).
// Every button sends a form of the page; nothing is decided here.
export class PlanBar {
  // `board` is the PlanBoard of plan.js.
  constructor(board) {
    this.board = board;
    this.bar = document.querySelector("[data-plan-bar]");
    const part = (name) => this.bar.querySelector(`[data-bar="${name}"]`);
    [this.pickUp, this.pin, this.second] = ["pick", "pin", "second"].map(part);
    [this.release, this.keep] = ["release", "keep"].map(part);
    this.shown = null;
    this.keys = {
      p: () => this.onHolder(() => this.send(this.pin)),
      Delete: () => this.onHolder(() => this.ask()),
      Backspace: () => this.onHolder(() => this.ask()),
      k: () => this.keepEmpty(),
    };
    this.listenToKeys();
    this.listenToButtons();
  }

  // `person` may be somebody from the waiting list, who stands nowhere.
  show(stall, person = this.board.holderOf(stall)) {
    this.shown = stall;
    this.bar.hidden = false;
    this.bar.parentElement.classList.remove("idle");
    this.release.open = false;
    this.bar.querySelector("[data-bar-stall]").textContent = person ? person.label : stall.dataset.stall;
    this.bar.querySelector("[data-bar-name]").textContent = person?.name ?? "";
    this.pickUp.textContent = this.board.held ? this.pickUp.dataset.up : this.pickUp.dataset.down;
    this.pickUp.hidden = !person;
    for (const one of [this.pin, this.second, this.release]) one.hidden = !person || !stall;
    this.keep.hidden = Boolean(person) || stall.classList.contains("closed");
    if (person) this.fillForPerson(person);
    else this.fillForEmpty(stall);
  }

  fillForPerson(person) {
    fill(this.pin, { who: person.who, fixed: person.pinned ? "" : "1" }, person.pinned);
    fill(this.second, { who: person.who, two: person.two ? "" : "1" }, person.two);
    this.release.querySelector("[name=who]").value = person.who;
  }

  fillForEmpty(stall) {
    const kept = stall.classList.contains("kept");
    fill(this.keep, { stall: stall.dataset.ref, kept: kept ? "" : "1" }, kept);
  }

  // The buttons float over the foot of the plan on a small screen; the stall they are about stays in sight.
  reveal(stall) {
    const [box, float] = [stall, this.bar.parentElement].map((one) => one.getBoundingClientRect());
    if (box.bottom > float.top) scrollBy({ top: box.bottom - float.top + 8 });
    this.centre(stall);
  }

  // A wide plan scrolls sideways.
  centre(stall) {
    const frame = this.board.plan.parentElement;
    const [box, view] = [stall, frame].map((one) => one.getBoundingClientRect());
    if (box.left >= view.left && box.right <= view.right) return;
    frame.scrollBy({ left: box.left - view.left - (view.width - box.width) / 2 });
  }

  onHolder(act) {
    if (this.board.holderOf(this.shown)) act();
    else this.board.say("nobody", { stall: this.shown.dataset.stall });
  }

  keepEmpty() {
    if (this.keep.hidden) this.board.say("busy", { stall: this.shown.dataset.stall });
    else this.send(this.keep);
  }

  send(form) {
    this.board.say("sending");
    form.requestSubmit();
  }

  ask() {
    this.release.open = true;
    this.release.querySelector("button").focus();
    this.sayQuestion();
  }

  sayQuestion() {
    this.board.say("ask", { stall: this.board.holderOf(this.shown).label });
  }

  listenToKeys() {
    this.board.plan.addEventListener("keydown", (event) => {
      const act = this.keys[event.key.length === 1 ? event.key.toLowerCase() : event.key];
      if (!act || !this.shown || event.altKey || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      act();
    });
    this.board.plan.addEventListener("keydown", (event) => {
      if (event.key.toLowerCase() !== "z" || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      document.querySelector("form.undo")?.requestSubmit();
    });
  }

  listenToButtons() {
    this.pickUp.addEventListener("click", () => this.board.pick(this.shown));
    this.release.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      event.stopPropagation(); // whoever is picked up stays so
      this.release.open = false;
      this.shown.focus();
      this.board.say("cancelled");
    });
    this.release.querySelector("summary").addEventListener("click", () => {
      if (!this.release.open) this.sayQuestion();
    });
    this.release.addEventListener("toggle", () => (this.release.parentElement.scrollLeft = 0));
  }
}

function fill(form, values, isSo) {
  for (const [name, value] of Object.entries(values)) form.elements[name].value = value;
  const button = form.querySelector("button");
  button.textContent = isSo ? button.dataset.yes : button.dataset.no;
}
