// Whether our server answers: a network that is only there in name counts as none.
const PATIENCE_MS = 4000;

export async function isReachable() {
  if (!navigator.onLine) return false;
  try {
    const answer = await fetch("/healthz", { cache: "no-store", signal: AbortSignal.timeout(PATIENCE_MS) });
    return (await answer.json()).status === "ok";
  } catch {
    return false;
  }
}
