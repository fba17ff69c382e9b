// Somebody who is signed in minds a gate with the phone in hand: one press, and this phone is one of those at the gate.
import { takePlace } from "./enrolment.js";
import { kept } from "./store.js";

const form = document.querySelector("[data-own]");
const wrong = form.querySelector("[data-wrong]");
const button = form.querySelector("button");

async function take(event) {
  event.preventDefault();
  button.disabled = true;
  wrong.hidden = true;
  try {
    const { entrance } = form.elements;
    const told = await takePlace(form, `${form.action}#${entrance.value}`);
    if (told.ok) return location.assign(form.dataset.next);
    say(told.sentence);
  } catch (error) {
    console.warn("gate: not enrolled", error);
    say(form.dataset.offline);
  }
}

function say(sentence) {
  wrong.textContent = sentence;
  wrong.hidden = false;
  button.disabled = false;
}

form.addEventListener("submit", take);
form.hidden = false;
const isHere = (await kept.get("day").catch(() => null)) === form.dataset.day;
document.querySelector("[data-back-to-door]").hidden = !isHere;
