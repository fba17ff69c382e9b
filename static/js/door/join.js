// A phone takes its place at the gate: the button posts, the key goes into this phone's own store.
import { kept } from "./store.js";

const form = document.querySelector("[data-join]");
const wrong = document.querySelector("[data-wrong]");

async function take(event) {
  event.preventDefault();
  const button = form.querySelector("button");
  button.disabled = true;
  try {
    const answer = await fetch(form.action, {
      method: "POST",
      body: new URLSearchParams(new FormData(form)),
      headers: { Accept: "application/json" },
    });
    const told = await answer.json();
    if (!answer.ok) return say(told.sentence, button);
    await kept.set("key", told.key);
    await kept.set("day", told.day);
    location.replace("/door/");
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

form?.addEventListener("submit", take);
