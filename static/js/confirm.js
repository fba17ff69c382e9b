// Escape folds an open question, opening one folds the others, and a second press cannot send it twice.
const questions = [...document.querySelectorAll("[data-confirm]")];
for (const question of questions) {
  question.addEventListener("toggle", () => {
    if (question.open) for (const other of questions) if (other !== question) other.open = false;
  });
  question.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !question.open) return;
    question.open = false;
    question.querySelector("summary").focus();
  });
}
for (const form of document.querySelectorAll("form[method=post]")) {
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "yes";
  });
}
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});
