// The communities that were looked at last, kept on this phone and told to nobody: the first page offers them.
const KEY = "communities";
const KEPT = 3;

function known() {
  try {
    const places = JSON.parse(localStorage.getItem(KEY)) ?? [];
    return places.filter((place) => /^[a-z0-9-]{1,40}$/.test(place.slug) && typeof place.name === "string");
  } catch {
    return []; // a browser that keeps nothing, or something else under this name
  }
}

function keep(places) {
  try {
    localStorage.setItem(KEY, JSON.stringify(places.slice(0, KEPT)));
  } catch {
    // then it is not kept
  }
}

function remember({ slug, name }) {
  keep([{ slug, name }, ...known().filter((place) => place.slug !== slug)]);
}

function offer(area) {
  const list = area.querySelector("ul");
  const line = area.querySelector("template").content;
  for (const place of known()) {
    const item = line.cloneNode(true);
    const link = item.querySelector("a");
    link.href = `/c/${place.slug}/`;
    link.textContent = place.name;
    list.append(item);
  }
  area.hidden = list.children.length === 0;
  area.querySelector("button").addEventListener("click", () => {
    keep([]);
    area.hidden = true;
  });
}

const here = document.querySelector("[data-visited]");
if (here) remember({ slug: here.dataset.visited, name: here.dataset.name });
const area = document.querySelector("[data-last-visited]");
if (area) offer(area);
