// Shows what an agreement comes to while it is being chosen: the server counts, this only asks and shows.
const form = document.querySelector("[data-preview]");
const WAIT = 250;

if (form) {
  const place = form.querySelector("[data-preview-here]");
  let timer = 0;
  let latest = 0;

  const ask = async () => {
    const turn = ++latest;
    const typed = new URLSearchParams(new FormData(form));
    for (const name of ["csrf_token", "form_id"]) typed.delete(name);
    try {
      const answer = await fetch(`${form.dataset.preview}?${typed}`, { cache: "no-store" });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const told = page.querySelector("[data-previewed]");
      if (turn === latest && answer.ok && told) place.replaceChildren(told);
    } catch {
      // no network: what is agreed is told again when it is signed
    }
  };

  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, WAIT);
  });
  if (form.elements.kind.value) ask();
}
