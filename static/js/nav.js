// Brings the current tab into sight where the bar scrolls sideways.
for (const bar of document.querySelectorAll("[data-nav]")) {
  const here = bar.querySelector("[aria-current]");
  if (here && bar.scrollWidth > bar.clientWidth) {
    bar.scrollLeft = here.offsetLeft - (bar.clientWidth - here.offsetWidth) / 2;
  }
}
