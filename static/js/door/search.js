// Finds a vendor by stall, name or pinyin while there is a network: this phone holds no names.
import { ask } from "./line.js";
import { made } from "./screen.js";
import { filled, word } from "./words.js";

export function listenForSearch(key, onChosen) {
  const form = document.querySelector("[data-search-form]");
  const list = document.querySelector("[data-search-list]");
  const note = document.querySelector("[data-search-note]");

  const show = ({ found, more }) => {
    list.replaceChildren(...found.map((one) => rowOf(one, (chosen) => (list.replaceChildren(), onChosen(chosen)))));
    note.textContent = found.length ? (more ? filled(word("search-more"), { n: more }) : "") : word("search-none");
  };

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    note.textContent = "";
    try {
      const told = await ask("/door/search", { key, body: { query: form.elements.query.value } });
      if (told.ok) show(told.body);
      else note.textContent = told.body.sentence;
    } catch (error) {
      console.info("gate: no search", error?.message);
      note.textContent = word("search-off");
    }
  });
}

function rowOf(one, onChosen) {
  const row = made("li");
  const button = made("button", { type: "button", className: "btn", textContent: word("let-in") });
  const about = made("span", { className: "body", textContent: `${one.stall} ${one.name}` });
  button.setAttribute("aria-label", `${word("let-in")} ${one.stall} ${one.name}`);
  button.addEventListener("click", () => onChosen(one));
  row.append(about, button);
  return row;
}
