// Says what is given while a vendor types what was sold. The server counts again before anything is saved.
const form = document.querySelector("[data-takings]");
if (form) {
  const takings = form.elements.takings;
  const gift = form.elements.gift;
  const card = form.querySelector("[data-gift-card]");
  const buttons = [...form.querySelectorAll("[data-shown]")];
  const confirm = form.querySelector("[data-confirm-label]");
  const { kind, basisPoints, fixedFen } = form.dataset;

  const fen = (text) => {
    const plain = text.normalize("NFKC").replace(/[¥元,\s]/g, "");
    const match = /^(\d{1,9})(?:\.(\d{1,2}))?$/.exec(plain);
    return match ? Number(match[1]) * 100 + Number((match[2] ?? "").padEnd(2, "0")) : null;
  };
  const yuan = (amount) => (amount / 100).toLocaleString("en-US", { minimumFractionDigits: 2 });
  const agreed = (sold) => {
    if (kind === "percent") return Math.floor((sold * Number(basisPoints) + 5000) / 10000);
    return kind === "fixed" && sold > 0 ? Number(fixedFen) : 0;
  };

  const show = () => {
    const sold = fen(takings.value);
    const chosen = gift.value.trim() ? fen(gift.value) : agreed(sold);
    const known = sold !== null && chosen !== null;
    card.hidden = !known;
    for (const button of buttons) button.value = known ? `${sold}:${chosen}` : "";
    confirm.textContent = known ? confirm.dataset.confirmLabel.replace("{}", yuan(sold)) : confirm.dataset.nextLabel;
    if (!known) return;
    const own = gift.value.trim() !== "";
    card.querySelector("[data-as-agreed]").hidden = own || chosen === 0;
    card.querySelector("[data-as-chosen]").hidden = !own || chosen === 0;
    card.querySelector("[data-nothing]").hidden = chosen !== 0;
    card.querySelector("[data-more]").hidden = chosen <= sold;
    for (const place of card.querySelectorAll("[data-gift]")) place.textContent = yuan(chosen);
  };

  for (const button of form.querySelectorAll("[data-fill], [data-no-gift]")) {
    button.addEventListener("click", (event) => {
      event.preventDefault();
      if (button.dataset.fill === undefined) gift.value = "0";
      else takings.value = button.dataset.fill;
      show();
      confirm.focus();
    });
  }
  form.addEventListener("input", show);
  show();
}
