// Copies the text of a field; the button shows itself only where copying is possible.
for (const button of document.querySelectorAll("[data-copy]")) {
  const field = document.getElementById(button.dataset.copy);
  button.hidden = false;
  button.addEventListener("click", async () => {
    field.select();
    try {
      await navigator.clipboard.writeText(field.value);
      button.textContent = button.dataset.copied;
    } catch {
      // Without HTTPS there is no clipboard: the text stands selected, ready for the person to copy.
    }
  });
}
