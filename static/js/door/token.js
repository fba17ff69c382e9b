// Reads the text of a pass. Twin of market/passes/token.py and of plain_code in market/gate/service/admission.py.
const ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ$*+-.";
const LENGTH = 120;
const PAYLOAD = 16;
const VERSION = 1;
const EPOCH = Date.UTC(2024, 0, 1);
const QUARTER = 15 * 60 * 1000;
const DOMAIN = new TextEncoder().encode("market/pass/v1");

export const PURPOSE = { PASS: 1, SAMPLE: 2 };

// The token or short code in what a camera read or a person typed: an address of any host and case.
export function plainCode(text) {
  const whole = text.replace(/\s+/g, "");
  const at = whole.toLowerCase().lastIndexOf("/p/");
  return (at < 0 ? whole : unescaped(whole.slice(at + 3).replace(/[?#].*$/, ""))).toUpperCase();
}

function unescaped(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

// {fault} or {claims, signed, signature}; `fault` is a word of TokenFault.
export function readToken(token, purpose = PURPOSE.PASS) {
  const bytes = decode(token);
  if (!bytes) return { fault: "malformed" };
  if (bytes[0] >> 4 !== VERSION) return { fault: "wrong_version" };
  if ((bytes[0] & 15) !== purpose) return { fault: "wrong_purpose", purpose: bytes[0] & 15 };
  const payload = bytes.slice(0, PAYLOAD);
  const signed = new Uint8Array([...DOMAIN, ...payload]);
  return { claims: claimsOf(payload), signed, signature: bytes.slice(PAYLOAD) };
}

function claimsOf(bytes) {
  const number = (from, to) => bytes.slice(from, to).reduce((sum, byte) => sum * 256 + byte, 0);
  const from = EPOCH + QUARTER * number(12, 15);
  return {
    keyId: bytes[1],
    community: number(2, 5),
    day: number(5, 8),
    serial: number(8, 12),
    validFrom: from,
    validTo: from + QUARTER * bytes[15],
  };
}

function decode(token) {
  if (token.length !== LENGTH) return null;
  const digits = [...token].map((letter) => ALPHABET.indexOf(letter));
  if (digits.includes(-1)) return null;
  const bytes = [];
  for (let at = 0; at < LENGTH; at += 3) {
    const value = digits[at] * 1681 + digits[at + 1] * 41 + digits[at + 2];
    if (value > 0xffff) return null;
    bytes.push(value >> 8, value & 255);
  }
  return new Uint8Array(bytes);
}
