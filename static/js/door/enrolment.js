// This phone takes a place at a gate with a key that it makes itself: to press again after an answer that got lost is
// to ask for the same place.
import { kept, scans } from "./store.js";
import { Sync } from "./sync.js";

const PATIENCE_MS = 10_000;
const KEY_BYTES = 32;

// Whether this phone asked for that place before, with or without hearing the answer.
export async function asked(place) {
  return (await kept.get("asked"))?.place === place;
}

// {ok, sentence}. Throws when nobody answers.
export async function takePlace(form, place) {
  const before = await kept.get("key");
  const key = await keyFor(place);
  if (before && before !== key && !(await broughtAll(before))) return { ok: false, sentence: form.dataset.undelivered };
  const body = new URLSearchParams(new FormData(form));
  body.set("key", key);
  const answer = await fetch(form.action, {
    method: "POST",
    body,
    headers: { Accept: "application/json" },
    signal: AbortSignal.timeout(PATIENCE_MS),
  });
  if (answer.status >= 500) throw new Error(`not now: ${answer.status}`);
  const told = await answer.json();
  if (answer.ok) await settle(before, key, told.day);
  else await kept.remove("asked"); // heard: there is nothing to ask again
  return { ok: answer.ok, sentence: told.sentence };
}

async function keyFor(place) {
  const before = await kept.get("asked");
  if (before?.place === place) return before.key;
  const bytes = crypto.getRandomValues(new Uint8Array(KEY_BYTES));
  const key = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  await kept.set("asked", { place, key });
  return key;
}

// What was scanned at another gate belongs to that one: it is brought first.
async function broughtAll(key) {
  if (!(await scans.count())) return true;
  await new Sync({ key, day: (await kept.get("day")) ?? "" }).bring();
  return !(await scans.count());
}

async function settle(before, key, day) {
  if (before !== key) {
    for (const name of ["package", "mine", "fetchedAt", "presses", "visits"]) await kept.remove(name);
  }
  await kept.set("day", day);
  await kept.set("key", key);
}
