// Says how old the page is as soon as the network is gone.
const bar = document.querySelector("[data-offline]");
if (bar) {
  const loaded = new Date();
  const time = bar.querySelector("[data-loaded]");
  time.dateTime = loaded.toISOString();
  time.textContent = loaded.toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit" });
  const show = () => (bar.hidden = navigator.onLine);
  addEventListener("online", show);
  addEventListener("offline", show);
  show();
}
