// Whether this phone can do without a network: each part is tried, not asked about.
import { chooseReader } from "../readers.js";
import { openByToken } from "./seal.js";
import { verifier } from "./signature.js";
import { newId, scans } from "./store.js";
import { PURPOSE, readToken } from "./token.js";

// {reader, parts: {decoder, signature, roster, queue, page}}; a part is true, or false with its reason on the console.
export async function tryAll(bag, files) {
  let reader = "";
  const parts = {
    decoder: await holds(async () => (reader = (await chooseReader()).name)),
    signature: await holds(() => checksSignature(bag)),
    roster: await holds(async () => (await openByToken(bag.sample, bag.rows)).probe),
    queue: await holds(keepsScans),
    page: await holds(() => isKept(files)),
  };
  return { reader, parts };
}

async function holds(test) {
  try {
    return Boolean(await test());
  } catch (error) {
    console.warn("gate: not ready", error);
    return false;
  }
}

// A signature that holds must hold, and a broken one must not.
async function checksSignature(bag) {
  const { claims, signed, signature } = readToken(bag.sample, PURPOSE.SAMPLE);
  const key = bag.keys.get(claims.keyId);
  const { verify } = await verifier();
  const broken = signature.slice();
  broken[5] ^= 1;
  return (await verify(signature, signed, key)) && !(await verify(broken, signed, key));
}

async function keepsScans() {
  const scan = { id: `trial-${newId()}`, seen_at: 0, trial: true };
  await scans.add(scan);
  const found = (await scans.all()).some(({ id }) => id === scan.id);
  await scans.remove(scan.id);
  return found;
}

// Whether the worker keeps the page and all its files, so that a reload works without a network.
async function isKept(files) {
  if (!navigator.serviceWorker?.controller) return false;
  for (const file of files) {
    if (!(await caches.match(file, { ignoreSearch: true }))) throw new Error(`not kept: ${file}`);
  }
  return true;
}
