// Whoever signs out leaves nothing on this phone: no figure that waits, no pass page. Without a network nobody is
// signed out, and it stays.
import { isReachable } from "./reachable.js";

const KEPT = "vendor-"; // how all that is kept for a vendor begins, in the stores and among the caches

async function forget() {
  for (const name of Object.keys(localStorage)) if (name.startsWith(KEPT)) localStorage.removeItem(name);
  const names = (await globalThis.caches?.keys()) ?? [];
  await Promise.all(names.filter((name) => name.startsWith(KEPT)).map((name) => caches.delete(name)));
  const workers = (await navigator.serviceWorker?.getRegistrations()) ?? [];
  const ofPasses = workers.filter(({ scope }) => new URL(scope).pathname.startsWith("/vendor/"));
  await Promise.all(ofPasses.map((worker) => worker.unregister()));
}

document.addEventListener(
  "submit",
  async (event) => {
    const form = event.target;
    if (new URL(form.action).pathname !== "/sign-out" || form.dataset.left || !form.requestSubmit) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (await isReachable()) await forget().catch((error) => console.warn("leaving", error?.message));
    form.dataset.left = "yes";
    form.requestSubmit();
    delete form.dataset.left;
  },
  true,
);
