// Reads QR codes from the camera, with the reader that readers.js chose.
//
//   const stop = new AbortController();
//   await startScanner(video, (text) => { … }, { signal: stop.signal });
//   stop.abort();                       // the camera light goes out
//
// A code that stays in sight is told once; when onCode answers false, it was not taken and is told again.
//
// The promise fails with the browser's reason (error.name): NotAllowedError (refused by the person), NotFoundError
// (no camera), NotReadableError (in use elsewhere), or InsecureContextError (the page did not come over HTTPS); with
// DecoderError when the reader itself could not be fetched.

import { chooseReader } from "./readers.js";

// Between two looks the phone rests: eight looks a second feel immediate and keep it cool.
const PAUSE_MS = 120;
// A code that stays before the camera is told once; it counts as gone after this long out of sight.
const GONE_MS = 1500;

export async function startScanner(video, onCode, { signal, onLost, onStream } = {}) {
  const detectorReady = qrDetector();
  detectorReady.catch(() => {}); // its failure is told below, after the camera's own
  const stream = await openCamera();
  const close = () => closeCamera(video, stream);
  if (signal?.aborted) return close();
  signal?.addEventListener("abort", close, { once: true });
  stream.getVideoTracks()[0].addEventListener("ended", () => onLost?.(), { once: true });
  try {
    const detector = await detectorReady;
    await play(video, stream);
    onStream?.(stream);
    if (!signal?.aborted) look(detector, video, stream, onCode);
  } catch (error) {
    close();
    if (!signal?.aborted) throw error; // stopped while starting: nothing went wrong
  }
}

// For pages without a camera stream (plain HTTP in a hall without internet): a photo from <input type="file" capture>.
export async function readPicture(file) {
  const picture = await createImageBitmap(file);
  try {
    const [found] = await (await qrDetector()).detect(picture);
    return found ? found.rawValue : null;
  } finally {
    picture.close();
  }
}

// Fetches the reader before it is needed.
export function warmUp() {
  qrDetector().catch(() => {}); // whoever opens the camera is told
}

async function qrDetector() {
  return (await chooseReader()).detector;
}

async function openCamera() {
  if (!navigator.mediaDevices?.getUserMedia) {
    throw new DOMException("a camera needs a page that came over HTTPS", "InsecureContextError");
  }
  const wish = { facingMode: { ideal: "environment" }, width: { ideal: 1280 }, height: { ideal: 720 } };
  return navigator.mediaDevices.getUserMedia({ video: wish, audio: false });
}

function closeCamera(video, stream) {
  for (const track of stream.getTracks()) track.stop();
  if (video.srcObject === stream) video.srcObject = null;
}

async function play(video, stream) {
  video.muted = true;
  video.playsInline = true; // or an iPhone opens its own full-screen player
  video.srcObject = stream;
  await video.play();
}

// One look after the other, never two at once: the next is planned when this one has ended.
async function look(detector, video, stream, onCode) {
  const seen = new Map();
  while (stream.active && video.srcObject === stream) {
    if (!document.hidden && video.readyState >= video.HAVE_CURRENT_DATA) {
      for (const { rawValue } of await detectQuietly(detector, video)) {
        if (!stream.active) return;
        if (!isRepeat(seen, rawValue) && onCode(rawValue) === false) seen.delete(rawValue);
      }
    }
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
}

// A frame that cannot be read (the camera is just being turned) is no reason to stop looking.
async function detectQuietly(detector, video) {
  try {
    return await detector.detect(video);
  } catch (error) {
    console.warn("scanner: a frame could not be read", error);
    return [];
  }
}

function isRepeat(seen, text) {
  const now = performance.now();
  const last = seen.get(text);
  seen.set(text, now);
  return last !== undefined && now - last < GONE_MS;
}
