// Shows the buttons that print, which would do nothing without a script, and binds them.
for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}
