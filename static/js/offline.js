// Says how old the page is as soon as the network is gone; a page that the phone kept says when it was fetched.
const bar = document.querySelector("[data-offline]");
if (bar) {
  const { keptAt } = document.documentElement.dataset;
  const loaded = keptAt ? new Date(keptAt) : new Date();
  const time = bar.querySelector("[data-loaded]");
  const hours = { hour: "2-digit", minute: "2-digit" };
  const isToday = loaded.toDateString() === new Date().toDateString();
  const shown = isToday ? hours : { ...hours, month: "long", day: "numeric" };
  time.dateTime = loaded.toISOString();
  time.textContent = loaded.toLocaleString(document.documentElement.lang, shown);
  const show = () => (bar.hidden = navigator.onLine && !keptAt);
  addEventListener("online", show);
  addEventListener("offline", show);
  show();
}
