// The line to the server: the phone's key with every request, and what time it is there.
import { kept } from "./store.js";

const PATIENCE_MS = 6000;

// Our clock, measured against the server's: in this visit by a counter that nobody can set, else by the difference that
// was kept. A clock that is wrong, or set right during the morning, then dates no scan wrongly.
export const clock = {
  base: null,
  ahead: 0,
  async load() {
    this.ahead = (await kept.get("ahead")) ?? 0;
  },
  async heard(serverNow, sentMono) {
    const mono = performance.now();
    this.base = { server: serverNow + (mono - sentMono) / 2, mono };
    this.ahead = Date.now() - this.base.server;
    await kept.set("ahead", this.ahead);
  },
  now() {
    if (this.base) return Math.round(this.base.server + performance.now() - this.base.mono);
    return Math.round(Date.now() - this.ahead);
  },
};

// Asks the server. Throws when nobody answers or somebody else does (a hotel's sign-in page is no JSON).
export async function ask(path, { key, body, headers = {} } = {}) {
  const answer = await fetch(path, {
    method: body === undefined ? "GET" : "POST",
    body: body === undefined ? undefined : JSON.stringify(body),
    headers: {
      Accept: "application/json",
      "Content-Type": "application/json",
      Authorization: `Phone ${key}`,
      ...headers,
    },
    cache: "no-store",
    signal: AbortSignal.timeout(PATIENCE_MS),
  });
  if (answer.status >= 500 || answer.status === 429) throw new Error(`not now: ${answer.status}`);
  const told = answer.status === 304 ? null : await answer.json();
  return { status: answer.status, ok: answer.ok || answer.status === 304, body: told, headers: answer.headers };
}

export async function fetchPackage(key, version) {
  const mono = performance.now();
  const headers = version ? { "If-None-Match": `"${version}"` } : {};
  const told = await ask("/door/package", { key, headers });
  const now = Number(told.headers.get("X-Now"));
  if (told.ok && now) await clock.heard(now, mono);
  return told;
}
