// Enter moves to the next row, as on a paper list; in the last row it goes to the button that saves.
for (const form of document.querySelectorAll("[data-grid]")) {
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.isComposing || !event.target.matches("input[inputmode]")) return;
    event.preventDefault();
    const fields = column(form, event.target);
    const next = fields[fields.indexOf(event.target) + 1] ?? form.querySelector("button");
    next.focus();
    next.select?.();
  });
  form.addEventListener("paste", (event) => paste(form, event));
}

function column(form, field) {
  return [...form.querySelectorAll(`input[name^="${field.name.split("-")[0]}-"]`)];
}

// A pasted column fills the rows below, as it would in a table; without this script the server refuses the row.
function paste(form, event) {
  const text = event.clipboardData.getData("text/plain").replace(/\r\n?/g, "\n").replace(/\n$/, "");
  if (!event.target.matches("input[inputmode]") || !/[\n\t]/.test(text)) return;
  event.preventDefault();
  const lines = text.split("\n").map((line) => line.split("\t"));
  const rows = [...form.querySelectorAll("tbody tr")];
  const first = rows.indexOf(event.target.closest("tr"));
  const kinds = ["came", "takings", "gift"];
  const left = kinds.indexOf(event.target.name.split("-")[0]);
  const filled = lines.slice(0, rows.length - first);
  filled.forEach((cells, down) => {
    cells.forEach((cell, right) => put(rows[first + down], kinds[left + right], cell.trim()));
  });
  tell(form, filled.length, lines.length - filled.length);
}

// An empty cell changes nothing: it says that nothing was told, not that what was told is gone.
function put(row, kind, value) {
  const field = kind && row.querySelector(`input[name^="${kind}-"]`);
  if (!field || field.disabled || !value) return;
  field.value = value;
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

function tell(form, n, more) {
  const notice = form.querySelector("[data-pasted]");
  const sentence = more ? notice.dataset.pastedMore : notice.dataset.pasted;
  notice.hidden = false;
  notice.querySelector(".body").textContent = sentence.replace("{n}", n).replace("{more}", more);
}
