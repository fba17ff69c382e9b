// Enter moves to the next row, as on a paper list; in the last row it goes to the button that saves.
for (const form of document.querySelectorAll("[data-grid]")) {
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.isComposing || !event.target.matches("input[inputmode]")) return;
    event.preventDefault();
    const column = event.target.name.split("-")[0];
    const fields = [...form.querySelectorAll(`input[name^="${column}-"]`)];
    const next = fields[fields.indexOf(event.target) + 1] ?? form.querySelector("button");
    next.focus();
    next.select?.();
  });
}
