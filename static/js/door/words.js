// The sentences of the page stand in its template; here they are found and their braces filled.
const all = document.querySelector("[data-words]");

export function word(name) {
  return all.querySelector(`[data-word="${name}"]`).textContent.trim();
}

export function filled(text, values) {
  return text.replace(/\{(\w+)\}/g, (_whole, name) => values[name] ?? "");
}

// How a verdict looks and what is said with it.
export function saying(verdict) {
  const found = document.querySelector(`[data-say="${verdict}"]`) ?? document.querySelector('[data-say="unlisted"]');
  return { kind: found.dataset.kind, word: found.dataset.heading, detail: found.textContent.trim() };
}

export function clockText(moment, zone) {
  return dated(moment, zone, { hour: "numeric", minute: "2-digit", hourCycle: "h23" });
}

export function dateText(moment, zone) {
  return dated(moment, zone, { month: "long", day: "numeric" });
}

function dated(moment, zone, how) {
  return new Intl.DateTimeFormat(document.documentElement.lang, { ...how, timeZone: zone }).format(moment);
}
