// Opens the row of a roster that only the pass in hand opens. Twin of market/gate/seal.py.
const NAME = "market/roster-row/v1";
const KEY = "market/roster-key/v1";
const NAME_BYTES = 12;
const ROUNDS = 2000;

const text = (words) => new TextEncoder().encode(words);

export function bytesOf(base64) {
  return Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
}

function base64Of(bytes) {
  return btoa(String.fromCharCode(...bytes));
}

// The rows by their names.
export function indexed(rows) {
  return new Map(rows.map(([name, nonce, locked]) => [name, { nonce, locked }]));
}

export async function openByToken(token, rows) {
  const hash = async (prefix) => new Uint8Array(await crypto.subtle.digest("SHA-256", text(prefix + token)));
  return unlocked(rows, (await hash(NAME)).slice(0, NAME_BYTES), await hash(KEY));
}

export async function openByShortCode(code, dayRef, rows) {
  const typed = await crypto.subtle.importKey("raw", text(code), "PBKDF2", false, ["deriveBits"]);
  const how = { name: "PBKDF2", hash: "SHA-256", salt: text(NAME + dayRef), iterations: ROUNDS };
  const made = new Uint8Array(await crypto.subtle.deriveBits(how, typed, (NAME_BYTES + 32) * 8));
  return unlocked(rows, made.slice(0, NAME_BYTES), made.slice(NAME_BYTES));
}

// What the row says; null when the roster has none of this name.
async function unlocked(rows, name, secret) {
  const row = rows.get(base64Of(name));
  if (!row) return null;
  const key = await crypto.subtle.importKey("raw", secret, "AES-GCM", false, ["decrypt"]);
  const how = { name: "AES-GCM", iv: bytesOf(row.nonce), additionalData: name };
  return JSON.parse(new TextDecoder().decode(await crypto.subtle.decrypt(how, key, bytesOf(row.locked))));
}
