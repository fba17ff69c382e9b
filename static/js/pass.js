// Lets the phone keep this pass page and what it is made of. Where there is no service worker (WeChat on iPhone, a site
// without HTTPS), the picture among the photos does.
const STORE = "vendor-pass";
const worker = document.querySelector("[data-pass-worker]")?.dataset.passWorker;

async function keep() {
  await navigator.serviceWorker.register(worker, { scope: location.pathname });
  await navigator.serviceWorker.ready;
  const parts = document.querySelectorAll("link[rel=stylesheet], link[rel=icon], script[src]");
  const files = [...parts].map((part) => part.href ?? part.src);
  const loaded = performance.getEntriesByType("resource").map(({ name }) => name);
  const needed = new Set([...files, ...loaded.filter((name) => new URL(name).pathname.startsWith("/static/"))]);
  await caches.delete(STORE);
  const store = await caches.open(STORE);
  await store.addAll([location.pathname, ...needed]);
  document.documentElement.dataset.kept = "yes";
}

// A wide plaza is moved until the own stall is seen.
const mine = document.querySelector(".plan .stall.mine .box");
const ground = mine?.closest(".plan-wrap");
if (ground) {
  const [stall, frame] = [mine.getBoundingClientRect(), ground.getBoundingClientRect()];
  ground.scrollLeft += stall.left + stall.width / 2 - frame.left - frame.width / 2;
}

// A copy that is being read is not kept anew: it would lose the time at which it was true.
const isCopy = document.documentElement.dataset.keptAt !== undefined;
if (worker && navigator.serviceWorker && globalThis.caches && !isCopy && navigator.onLine) {
  keep().catch((error) => console.warn("pass: not kept", error?.message));
}
