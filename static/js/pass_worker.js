// Keeps the pass page that was opened last, so that it opens at the gate without a network. It looks after that one
// address and what its page is made of. With a network the page always comes from the server.
const STORE = "vendor-pass"; // leaving.js clears what begins with vendor-
const PATIENCE_MS = 4000;

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (origin !== location.origin || request.method !== "GET") return;
  const isPage = request.mode === "navigate" && pathname.endsWith("/pass");
  if (isPage) event.respondWith(freshOrKept(request));
  else if (pathname.startsWith("/static/")) event.respondWith(fetchedOrKept(request));
});

// Whoever may not see the page any more has no copy of it either.
async function freshOrKept(request) {
  const store = await caches.open(STORE);
  const kept = await store.match(request, { ignoreSearch: true });
  try {
    const answer = await fetch(request, kept ? { signal: AbortSignal.timeout(PATIENCE_MS) } : {});
    if (answer.ok) await store.put(request, answer.clone());
    else if (answer.status < 500 && answer.status !== 429) await caches.delete(STORE);
    return answer.status >= 500 && kept ? marked(kept) : answer;
  } catch (error) {
    if (!kept) throw error;
    return marked(kept);
  }
}

// The page says itself when it was fetched (offline.js).
async function marked(kept) {
  const at = new Date(kept.headers.get("date") ?? Date.now()).toISOString();
  const text = (await kept.text()).replace("<html", `<html data-kept-at="${at}"`);
  return new Response(text, { headers: kept.headers });
}

async function fetchedOrKept(request) {
  try {
    return await fetch(request);
  } catch (error) {
    const kept = await (await caches.open(STORE)).match(request);
    if (kept) return kept;
    throw error;
  }
}
