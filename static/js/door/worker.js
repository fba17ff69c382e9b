// Keeps the page of a gate phone and its files, so that it opens without a network. Above this stands DOOR: the version
// (a hash of all files) and their addresses. It looks after /door/ only, and keeps nothing that a phone asks for there.
const STORE = `door-${DOOR.version}`;
const PAGE = "/door/";

self.addEventListener("install", (event) => {
  event.waitUntil(keepAll().then(() => self.skipWaiting()));
});

async function keepAll() {
  const store = await caches.open(STORE);
  await store.addAll(DOOR.files.map((file) => new Request(file, { cache: "no-cache" })));
}

self.addEventListener("activate", (event) => {
  event.waitUntil(dropOlder().then(() => self.clients.claim()));
});

async function dropOlder() {
  const names = await caches.keys();
  const old = names.filter((name) => name.startsWith("door-") && name !== STORE);
  await Promise.all(old.map((name) => caches.delete(name)));
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  const isOurs = origin === location.origin && request.method === "GET";
  if (isOurs && (pathname === PAGE || pathname.startsWith("/static/"))) event.respondWith(keptOrFetched(request));
});

// What is kept is answered from here: it is of one version, and a new version is a new worker.
async function keptOrFetched(request) {
  const store = await caches.open(STORE);
  return (await store.match(request, { ignoreSearch: true })) ?? fetch(request);
}
