// What a telephone can tell of a code by itself: whether it is a pass of this market by what it says, a short code
// without a slip, a link to somewhere else, or no code of ours at all. Whether a pass is genuine and still counts, only
// the server knows. Twins of market/passes/token.py and short_code.py.
const TOKEN_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ$*+-.";
const TOKEN_LENGTH = 120;
const SHORT_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const ALIKE = { O: "0", I: "1", L: "1", U: "V" };
const VERSION = 1;
const PASS = 1;

// `day` and `community` are the numbers that passes of this gate carry.
export function kindOf(text, { day, community }) {
  const plain = text.trim();
  const token = tokenIn(plain);
  if (token) return kindOfPass(claimsOf(token), day, community);
  const host = hostOf(plain);
  if (host) return host === location.host ? "page" : "link";
  if (!/^[0-9A-Z]{6}$/.test(shortCode(plain))) return "text";
  return isShortCode(plain) ? "short" : "slip";
}

function kindOfPass(claims, day, community) {
  if (!claims || claims.version !== VERSION) return "text";
  if (claims.purpose !== PASS) return "sample";
  if (claims.community !== community) return "elsewhere";
  return claims.day === day ? "pass" : "another";
}

// The token of an address …/P/TOKEN, or of the bare text.
function tokenIn(text) {
  const last = unescaped(text.replace(/[?#].*$/, "").split("/").at(-1)).toUpperCase();
  const isToken = last.length === TOKEN_LENGTH && [...last].every((letter) => TOKEN_ALPHABET.includes(letter));
  return isToken ? last : null;
}

function unescaped(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function claimsOf(token) {
  const bytes = [];
  for (let at = 0; at < 24; at += 3) {
    const [a, b, c] = [...token.slice(at, at + 3)].map((letter) => TOKEN_ALPHABET.indexOf(letter));
    const value = a * 1681 + b * 41 + c;
    if (value > 0xffff) return null;
    bytes.push(value >> 8, value & 255);
  }
  const number = (from, to) => bytes.slice(from, to).reduce((sum, byte) => sum * 256 + byte, 0);
  return { version: bytes[0] >> 4, purpose: bytes[0] & 15, community: number(2, 5), day: number(5, 8) };
}

function hostOf(text) {
  if (!/^([a-z][a-z0-9+.-]*:\/\/|www\.)/i.test(text)) return null;
  try {
    return new URL(/^www\./i.test(text) ? `https://${text}` : text).host || text;
  } catch {
    return text;
  }
}

export function shortCode(text) {
  const plain = text.normalize("NFKC").toUpperCase().replace(/[\s_.·•‐‑‒–—−、,-]/gu, "");
  return [...plain].map((letter) => ALIKE[letter] ?? letter).join("");
}

export function isShortCode(text) {
  const values = [...shortCode(text)].map((letter) => SHORT_ALPHABET.indexOf(letter));
  const sum = values.slice(0, -1).reduce((total, value) => timesX(total ^ value), 0);
  return !values.includes(-1) && sum === values.at(-1);
}

function timesX(value) {
  const doubled = value << 1;
  return doubled > 31 ? doubled ^ 0b100101 : doubled;
}
