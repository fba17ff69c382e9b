// Copies a text to the clipboard. Without this script the text stands on the page and can be selected by hand.
for (const area of document.querySelectorAll("[data-copy-area]")) {
  const source = area.querySelector("[data-copy-source]");
  const button = area.querySelector("[data-copy]");
  if (source.select) source.addEventListener("focus", () => source.select());
  button.hidden = false;
  button.addEventListener("click", async () => {
    if (await copied(source)) button.textContent = button.dataset.copied;
  });
}

// Browsers have no clipboard on plain HTTP, and may refuse it elsewhere; the old command still works there.
async function copied(source) {
  try {
    await navigator.clipboard.writeText(source.value ?? source.textContent.trim());
    return true;
  } catch {
    select(source);
    return document.execCommand("copy");
  }
}

// What stands in a field, or in a paragraph.
function select(source) {
  if (source.select) {
    source.focus();
    source.select();
  } else {
    getSelection().selectAllChildren(source);
  }
}
