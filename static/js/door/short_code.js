// The six letters beside the code on a pass, typed by somebody. Twin of market/stalls/short_code.py.
const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const ALIKE = { O: "0", I: "1", L: "1", U: "V" };
const LENGTH = 6;

export function shortCode(text) {
  const plain = text.normalize("NFKC").toUpperCase().replace(/[\s_.·•‐‑‒–—−、,-]/gu, "");
  return [...plain].map((letter) => ALIKE[letter] ?? letter).join("");
}

export function isShortCode(text) {
  const values = [...shortCode(text)].map((letter) => ALPHABET.indexOf(letter));
  const sum = values.slice(0, -1).reduce((total, value) => timesX(total ^ value), 0);
  return values.length === LENGTH && !values.includes(-1) && sum === values.at(-1);
}

function timesX(value) {
  const doubled = value << 1;
  return doubled > 31 ? doubled ^ 0b100101 : doubled;
}
