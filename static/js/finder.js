// The enlarged plan begins where the found stall is. Without this script it begins at its corner.
const box = document.querySelector("[data-finder]");

function centre() {
  const found = box.querySelector("[data-found]");
  if (!found || !box.matches(":target")) return;
  const outer = box.getBoundingClientRect();
  const inner = found.getBoundingClientRect();
  box.scrollLeft += inner.left + inner.width / 2 - outer.left - outer.width / 2;
  box.scrollTop += inner.top + inner.height / 2 - outer.top - outer.height / 2;
}

if (box) {
  addEventListener("hashchange", centre);
  centre();
}
