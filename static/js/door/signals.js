// What the hand and the ear notice without looking: one long for yes, two for wait, three short for no.
const BUZZ = { go: [250], wait: [90, 90, 90], stop: [70, 70, 70, 70, 70] };
const TONES = { go: [[880, 0.16]], wait: [[660, 0.1], [660, 0.1]], stop: [[220, 0.14], [220, 0.14], [220, 0.14]] };
const GAP_S = 0.08;

let sound = null;

// Browsers let a page sound only after somebody has touched it.
export function allowSound() {
  try {
    sound ??= new AudioContext();
    sound.resume();
  } catch (error) {
    console.info("gate: no sound", error);
  }
}

export function signal(kind) {
  navigator.vibrate?.(BUZZ[kind] ?? []);
  if (sound?.state === "running") beep(TONES[kind] ?? []);
}

function beep(tones) {
  let at = sound.currentTime;
  for (const [pitch, length] of tones) {
    const tone = sound.createOscillator();
    tone.frequency.value = pitch;
    tone.connect(sound.destination);
    tone.start(at);
    tone.stop(at + length);
    at += length + GAP_S;
  }
}

// The screen stays on while somebody scans; false where the browser cannot do that.
export async function stayAwake() {
  try {
    await navigator.wakeLock.request("screen");
    return true;
  } catch (error) {
    console.info("gate: no wake lock", error?.name);
    return false;
  }
}
