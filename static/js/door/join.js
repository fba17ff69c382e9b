// A phone takes its place at the gate by the code that staff show.
import { asked, takePlace } from "./enrolment.js";

const form = document.querySelector("[data-join]");
const wrong = document.querySelector("[data-wrong]");

async function take(event) {
  event.preventDefault();
  const button = form.querySelector("button");
  button.disabled = true;
  wrong.hidden = true;
  try {
    const told = await takePlace(form, form.action);
    if (told.ok) return location.replace("/door/");
    say(told.sentence, button);
  } catch (error) {
    console.warn("gate: not enrolled", error);
    say(form.dataset.offline, button);
  }
}

function say(sentence, button) {
  wrong.textContent = sentence;
  wrong.hidden = false;
  button.disabled = false;
}

form.addEventListener("submit", take);
// The code is taken, perhaps by this very phone, which did not hear the answer.
if (form.hidden) form.hidden = !(await asked(form.action));
