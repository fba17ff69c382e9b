// Draws a published draw again, here in the browser: the same numbers as draw.py and redraw.py, byte for byte.
// Nothing is asked of the server but the two published files.
const area = document.querySelector("[data-redraw]");
if (area) start();

function start() {
  const verdict = area.querySelector("[data-verdict]");
  const button = area.querySelector("[data-again]");
  const file = area.querySelector("[data-file]");
  button.hidden = false;
  area.querySelector("[data-own]").hidden = false;
  const say = (key) => {
    verdict.textContent = verdict.dataset[key];
    verdict.dataset.answer = key;
  };
  button.addEventListener("click", async () => {
    if (!globalThis.crypto?.subtle) return say("cannot");
    say("working");
    try {
      const list = file.files[0] ? await file.files[0].arrayBuffer() : await download(area.dataset.list);
      const published = new Uint8Array(await download(area.dataset.record));
      const digest = hex(await crypto.subtle.digest("SHA-256", list));
      if (digest !== area.dataset.sha256) return say("listDiffers");
      const { left_out: leftOut = [] } = JSON.parse(new TextDecoder().decode(published));
      const again = await record(list, digest, area.querySelector("[data-seed]").value, leftOut);
      say(equal(again, published) ? "same" : "differs");
    } catch {
      say("differs");
    }
  });
}

async function download(address) {
  const answer = await fetch(address, { cache: "no-store" });
  if (!answer.ok) throw new Error(answer.statusText);
  return answer.arrayBuffer();
}

const hex = (bytes) => [...new Uint8Array(bytes)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
const equal = (one, other) => one.length === other.length && one.every((byte, at) => byte === other[at]);

// `leftOut`: whom the published record passes over, and stalls that are gone; the page names them.
export async function record(list, digest, seed, leftOut = []) {
  const [head, ...people] = new TextDecoder().decode(list).trimEnd().split("\n").map((line) => JSON.parse(line));
  const order = (await shuffled(people.length, digest, seed)).map((number) => people[number]);
  const stands = (place) => !place.some((label) => leftOut.includes(label));
  const here = order
    .filter((person) => !leftOut.includes(person.id))
    .map((person) => ({ ...person, places: person.places.filter(stands) }));
  const places = giveOut(head, here);
  const ids = order.map((person) => person.id);
  const waiting = here.map((person) => person.id).filter((id) => !places.has(id));
  const told = { format: head.format, list_sha256: digest, order: ids, places, seed, waiting };
  if (leftOut.length > 0) told.left_out = [...leftOut].sort();
  return new TextEncoder().encode(spelt(told) + "\n");
}

// JSON with one spelling: keys in the order of their letters (an object would put keys of digits first).
function spelt(value) {
  if (Array.isArray(value)) return `[${value.map(spelt).join(",")}]`;
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  const pairs = value instanceof Map ? [...value] : Object.entries(value);
  pairs.sort(([one], [other]) => (one < other ? -1 : 1));
  return `{${pairs.map(([key, one]) => `${JSON.stringify(key)}:${spelt(one)}`).join(",")}}`;
}

async function hmac(key, ...parts) {
  const secret = await crypto.subtle.importKey("raw", key, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  return new Uint8Array(await crypto.subtle.sign("HMAC", secret, joined(parts)));
}

function joined(parts) {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

// HMAC-DRBG with SHA-256 (NIST SP 800-90A), 32 bits at a time.
async function* words(entropy) {
  let key = new Uint8Array(32);
  let value = new Uint8Array(32).fill(1);
  for (const mark of [0, 1]) {
    key = await hmac(key, value, Uint8Array.of(mark), entropy);
    value = await hmac(key, value);
  }
  const secret = await crypto.subtle.importKey("raw", key, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  for (;;) {
    value = new Uint8Array(await crypto.subtle.sign("HMAC", secret, value));
    const view = new DataView(value.buffer);
    for (let at = 0; at < 32; at += 4) yield view.getUint32(at);
  }
}

async function shuffled(count, digest, seed) {
  if (seed.startsWith("drum:")) return seed.slice(5).trim().split(/\s+/).map((number) => Number(number) - 1);
  const bytes = Uint8Array.from(digest.match(/../g), (pair) => parseInt(pair, 16));
  const source = words(joined([bytes, new TextEncoder().encode(seed)]));
  const numbers = Array.from({ length: count }, (_, number) => number);
  for (let last = count - 1; last > 0; last -= 1) {
    const fair = Math.floor(2 ** 32 / (last + 1)) * (last + 1);
    let word = (await source.next()).value;
    while (word >= fair) word = (await source.next()).value;
    const pick = word % (last + 1);
    [numbers[last], numbers[pick]] = [numbers[pick], numbers[last]];
  }
  return numbers;
}

// Pinned first, then each category's minimum, then everybody; each takes the first place that holds.
function giveOut(head, order) {
  const places = new Map();
  const on = new Map();
  const count = new Map();
  const load = new Map();
  const near = new Map();
  const forbid = (here, one, there, other) => near.set(here, [...(near.get(here) ?? []), [one, there, other]]);
  for (const [here, one, there, other] of head.apart) {
    forbid(here, one, there, other);
    forbid(there, other, here, one);
  }
  const holds = (person, place) => {
    const circuit = head.stalls[place[0]];
    if (place.some((label) => on.has(label)) || on.size + place.length > head.limit) return false;
    if (circuit && (load.get(circuit) ?? 0) + person.power_w > head.circuits[circuit]) return false;
    return !place.some((label) =>
      (near.get(label) ?? []).some(([one, there, other]) => one === person.category && on.get(there) === other),
    );
  };
  const seat = (person) => {
    const place = person.places.find((one) => holds(person, one));
    if (!place) return;
    places.set(person.id, place);
    count.set(person.category, (count.get(person.category) ?? 0) + 1);
    for (const label of place) on.set(label, person.category);
    const circuit = head.stalls[place[0]];
    if (circuit) load.set(circuit, (load.get(circuit) ?? 0) + person.power_w);
  };
  for (const turn of ["pinned", "minimum", "all"]) {
    for (const person of order) {
      const [least, most] = head.quotas[person.category] ?? [0, -1];
      const there = count.get(person.category) ?? 0;
      const now = turn === "all" || (turn === "pinned" ? person.pinned : there < least);
      if (now && !places.has(person.id) && there !== most) seat(person);
    }
  }
  return places;
}
