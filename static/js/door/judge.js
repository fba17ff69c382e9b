// What this phone finds out about a code by itself: is it genuine, whose is it, does the rule let them in.
import { isShortCode, shortCode } from "./short_code.js";
import { admit, DEFAULTS } from "./admit.js";
import { bytesOf, indexed, openByShortCode, openByToken } from "./seal.js";
import { verifier } from "./signature.js";
import { plainCode, PURPOSE, readToken } from "./token.js";

const SHORTER_THAN_A_TOKEN = 30;

// The day's package, ready to be asked.
export function bagOf(package_) {
  const keys = new Map(Object.entries(package_.keys).map(([id, raw]) => [Number(id), bytesOf(raw)]));
  return { ...package_, keys, rows: indexed(package_.rows), shorts: indexed(package_.shorts) };
}

// `mine` is who came by this phone: holder → [time, gate]. The answer: {verdict, row, first, claims}; the verdict is
// one of the rule's, or "unlisted" (genuine, but not in the roster) or "sample".
export async function judge(text, bag, mine, at) {
  const plain = plainCode(text);
  const found = plain.length < SHORTER_THAN_A_TOKEN ? await byShortCode(plain, bag) : await byToken(plain, bag);
  if (found.verdict) return found;
  const first = found.row ? firstEntry(found.row.h, bag, mine) : null;
  const facts = { ...DEFAULTS, ...found.facts, ...(found.row ? holderFacts(found.row, bag, first) : {}) };
  return { ...found, first, verdict: admit(facts, at) };
}

async function byShortCode(plain, bag) {
  if (!isShortCode(plain)) return { facts: { known: false } };
  const row = await openByShortCode(shortCode(plain), bag.day.ref, bag.shorts);
  return row ? { row, facts: {} } : { verdict: "unlisted", typed: true };
}

async function byToken(plain, bag) {
  const token = readToken(plain);
  if (token.purpose === PURPOSE.SAMPLE) return { verdict: "sample" };
  if (token.fault) return { facts: { known: false } };
  const { claims, signed, signature } = token;
  // Of other communities this phone has no keys: it cannot tell whether such a pass is genuine, and need not.
  if (claims.community !== bag.day.community) return { claims, facts: { same_community: false } };
  const key = bag.keys.get(claims.keyId);
  const { verify } = await verifier();
  if (!key || !(await verify(signature, signed, key))) return { facts: { known: false, signed: false } };
  if (claims.day !== bag.day.number) return { claims, facts: { same_day: false } };
  const row = await openByToken(plain, bag.rows);
  return row ? { claims, row, facts: {} } : { claims, verdict: "unlisted" };
}

function holderFacts(row, bag, first) {
  return {
    gate_open: bag.day.open,
    released: row.released,
    revoked: row.revoked,
    stall_shut: row.shut,
    barred: row.barred,
    valid_from: bag.day.valid_from,
    valid_to: bag.day.valid_to,
    admitted_at: first ? first[0] : null,
  };
}

function firstEntry(holder, bag, mine) {
  const known = [bag.came[holder], mine[holder]].filter(Boolean);
  return known.sort((a, b) => a[0] - b[0])[0] ?? null;
}
