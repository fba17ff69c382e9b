// What this phone keeps: its key, the day's package, and scans and presses that nobody has answered. Nothing in it
// names anybody but whoever holds the phone.
const NAME = "gate-phone";
const STRICT = { durability: "strict" }; // an empty battery right after the scan loses nothing

let opened = null;

function open() {
  opened ??= new Promise((resolve, reject) => {
    const asked = indexedDB.open(NAME, 1);
    asked.onupgradeneeded = () => {
      asked.result.createObjectStore("kept");
      asked.result.createObjectStore("scans", { keyPath: "id" });
    };
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
  });
  return opened;
}

async function ask(store, mode, act) {
  const db = await open();
  return new Promise((resolve, reject) => {
    const transaction = db.transaction(store, mode, mode === "readwrite" ? STRICT : {});
    const asked = act(transaction.objectStore(store));
    transaction.oncomplete = () => resolve(asked.result);
    transaction.onerror = transaction.onabort = () => reject(transaction.error);
  });
}

export const kept = {
  get: (name) => ask("kept", "readonly", (store) => store.get(name)),
  set: (name, value) => ask("kept", "readwrite", (store) => store.put(value, name)),
  remove: (name) => ask("kept", "readwrite", (store) => store.delete(name)),
};

export const scans = {
  add: (scan) => ask("scans", "readwrite", (store) => store.put(scan)),
  remove: (id) => ask("scans", "readwrite", (store) => store.delete(id)),
  count: () => ask("scans", "readonly", (store) => store.count()),
  // Oldest first: the order in which people came.
  all: async () => (await ask("scans", "readonly", (store) => store.getAll())).sort((a, b) => a.seen_at - b.seen_at),
};

// The browser must not throw it away when the phone is full; it may say no.
export function askToPersist() {
  navigator.storage?.persist?.().catch(() => {});
}

// Everything goes, the database too.
export async function forget() {
  const db = await open();
  db.close();
  opened = null;
  await new Promise((resolve) => {
    const asked = indexedDB.deleteDatabase(NAME);
    asked.onsuccess = asked.onerror = asked.onblocked = resolve;
  });
}

export function newId() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
