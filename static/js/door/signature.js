// Whether a signature holds. The browser's own Ed25519 where it has one (Chrome 137, Firefox 129, Safari 17), else the
// small library beside it, which needs only SHA-512 of the browser.
const LIBRARY = new URL("../../vendor/noble-ed25519-3.2.0/index.js", import.meta.url);

let chosen = null;

export function verifier() {
  chosen ??= choose();
  return chosen;
}

async function choose() {
  return (await hasOwn()) ? { name: "browser", verify: byBrowser } : { name: "noble", verify: await byLibrary() };
}

async function hasOwn() {
  try {
    await crypto.subtle.importKey("raw", new Uint8Array(32).fill(9), "Ed25519", false, ["verify"]);
    return true;
  } catch (error) {
    console.info("gate: no Ed25519 in this browser", error?.name);
    return false;
  }
}

export async function byBrowser(signature, message, publicKey) {
  try {
    const key = await crypto.subtle.importKey("raw", publicKey, "Ed25519", false, ["verify"]);
    return await crypto.subtle.verify("Ed25519", key, signature, message);
  } catch {
    return false; // a key that is no point of the curve checks nothing
  }
}

export async function byLibrary() {
  const { verifyAsync } = await import(LIBRARY);
  return async (signature, message, publicKey) => {
    try {
      return await verifyAsync(signature, message, publicKey, { zip215: false });
    } catch {
      return false;
    }
  };
}
