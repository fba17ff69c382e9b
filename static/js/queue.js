// Scans of one market day that have not been answered yet. They survive a reload: each lies in localStorage under its
// own number, so that two tabs never overwrite each other.
export function queueOf(day) {
  const prefix = `scan:${day}:`;
  return {
    add(scan) {
      localStorage.setItem(prefix + scan.client_id, JSON.stringify(scan));
    },
    remove(clientId) {
      localStorage.removeItem(prefix + clientId);
    },
    // Oldest first: the order in which people came.
    all() {
      const keys = Object.keys(localStorage).filter((key) => key.startsWith(prefix));
      return keys.map((key) => JSON.parse(localStorage.getItem(key))).sort((a, b) => a.seen_at - b.seen_at);
    },
  };
}

// crypto.randomUUID would need HTTPS, which a hall without internet may not have.
export function newNumber() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

// Posts a form as a script does. Throws when nobody answers, so that the caller keeps what it wanted to send.
export async function tell(action, fields, timeout = 6000) {
  const answer = await fetch(action, {
    method: "POST",
    body: new URLSearchParams(fields),
    headers: { Accept: "application/json", "X-CSRFToken": document.querySelector('meta[name="csrf-token"]').content },
    signal: AbortSignal.timeout(timeout),
  });
  if (answer.status >= 500 || answer.status === 429) throw new Error(`not now: ${answer.status}`);
  // A hotel's sign-in page answers too, but not in JSON: that is no network either.
  return { ok: answer.ok, status: answer.status, body: await answer.json() };
}
