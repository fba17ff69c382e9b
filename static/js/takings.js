// Shows what is given while a vendor types what was sold: the server counts, this only asks and shows.
const form = document.querySelector("[data-takings]");
const WAIT = 250;

if (form) {
  const { takings, gift } = form.elements;
  const card = form.querySelector("[data-gift-card]");
  const buttons = [...form.querySelectorAll("button[name=shown]")];
  const confirm = form.querySelector("[data-next-label]");
  let timer = 0;
  let latest = 0;

  // A button without figures saves nothing: the server then shows first what they come to.
  const offer = (figures, label) => {
    for (const button of buttons) button.value = figures;
    confirm.textContent = label;
  };

  const ask = async () => {
    const turn = ++latest;
    const typed = new URLSearchParams({ takings: takings.value, gift: gift.value });
    try {
      const answer = await fetch(`${form.dataset.takings}?${typed}`, { cache: "no-store" });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const told = page.querySelector("[data-shown]");
      if (turn === latest && answer.ok && told) show(told);
    } catch {
      // no network: the button asks the server, and says so when it cannot
    }
  };

  const show = (told) => {
    const { shown, confirm: label } = told.dataset;
    card.hidden = !shown;
    if (!shown) return;
    card.replaceChildren(told);
    offer(shown, label);
  };

  const typedAnew = (wait) => {
    offer("", confirm.dataset.nextLabel);
    latest += 1;
    clearTimeout(timer);
    timer = setTimeout(ask, wait);
  };

  for (const button of form.querySelectorAll("[data-fill], [data-no-gift]")) {
    button.addEventListener("click", (event) => {
      event.preventDefault();
      if (button.dataset.fill === undefined) gift.value = "0";
      else takings.value = button.dataset.fill;
      typedAnew(0);
      confirm.focus();
    });
  }
  form.addEventListener("input", (event) => {
    if (event.target.name !== "sure") typedAnew(WAIT);
  });
  if (takings.value) ask();
}
