// Shows a row of stalls on the plan while it is being described; without this, 先看看 does the same.
const form = document.querySelector("[data-row-form]");
const WAIT = 350;
let timer = 0;
let latest = 0;

async function show() {
  const turn = ++latest;
  const body = new FormData(form);
  body.set("preview", "1");
  try {
    const answer = await fetch(form.action, { method: "POST", body });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.querySelector("[data-preview]");
    if (fresh && turn === latest) document.querySelector("[data-preview]").replaceChildren(...fresh.childNodes);
  } catch {
    // no network: the button still asks the server, and says so when it cannot
  }
}

if (form) {
  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(show, WAIT);
  });
}
