// Who reads QR codes in this browser: its own reader, the decoder in WebAssembly, or one in plain JavaScript. Each must
// read a built-in sample first: some have the names and never read (a native reader that throws inside a chat program,
// WebAssembly that a policy forbids).
const PONYFILL = new URL("../vendor/barcode-detector-3.2.2/ponyfill.js", import.meta.url);
const WASM = new URL("../vendor/zxing-wasm-3.1.3/zxing_reader.wasm", import.meta.url);
const PLAIN = new URL("../vendor/jsqr-1.4.0/jsQR.js", import.meta.url);
const FORMATS = ["qr_code"];

// A symbol that says OK, one number a row.
const SAMPLE = [
  0x1fd17f, 0x105841, 0x17425d, 0x175a5d, 0x17445d, 0x104041, 0x1fd57f,
  0x1800, 0x16e04b, 0xd2124, 0xef1fa, 0x14a182, 0xe6296, 0x1ca5,
  0x1fd0d4, 0x1053ca, 0x174e49, 0x175c92, 0x175a9c, 0x104358, 0x1fdf2a,
];
const SAMPLE_TEXT = "OK";
const SCALE = 8;
const QUIET = 4;
const PLAIN_SIDE = 640;

let chosen = null;

// {name, detector}; the same for everybody on this page. A failure is tried anew: the network may be back.
export function chooseReader(kinds = READERS) {
  chosen ??= firstThatReads(kinds).catch((error) => {
    chosen = null;
    throw error;
  });
  return chosen;
}

export const READERS = [
  ["native", ownReader],
  ["wasm", wasmReader],
  ["plain", plainReader],
];

export async function firstThatReads(kinds) {
  const reasons = [];
  for (const [name, make] of kinds) {
    try {
      const detector = await make();
      if (await readsSample(detector)) return { name, detector };
      reasons.push(`${name}: does not read the sample`);
    } catch (error) {
      reasons.push(`${name}: ${error?.message ?? error}`);
    }
  }
  throw new DOMException(`the reader could not be fetched: ${reasons.join("; ")}`, "DecoderError");
}

async function ownReader() {
  const native = globalThis.BarcodeDetector;
  if (!native) throw new Error("none");
  const formats = await native.getSupportedFormats(); // throws in some chat programs
  if (!formats.includes("qr_code")) throw new Error("knows no QR codes");
  return new native({ formats: FORMATS });
}

async function wasmReader() {
  const { BarcodeDetector, prepareZXingModule } = await import(PONYFILL);
  // Without this the decoder is fetched from a server of somebody else.
  const locateFile = (path, prefix) => (path.endsWith(".wasm") ? WASM.href : prefix + path);
  await prepareZXingModule({ overrides: { locateFile }, fireImmediately: true });
  return new BarcodeDetector({ formats: FORMATS });
}

async function plainReader() {
  if (!globalThis.jsQR) await import(PLAIN);
  const canvas = document.createElement("canvas"); // one for all frames: some phones run out of canvases
  const look = canvas.getContext("2d", { willReadFrequently: true });
  return { detect: async (source) => readPlainly(canvas, look, source) };
}

function readPlainly(canvas, look, source) {
  const width = source.videoWidth || source.width;
  const height = source.videoHeight || source.height;
  const shrunk = Math.min(1, PLAIN_SIDE / Math.max(width, height));
  canvas.width = Math.round(width * shrunk);
  canvas.height = Math.round(height * shrunk);
  look.drawImage(source, 0, 0, canvas.width, canvas.height);
  const { data } = look.getImageData(0, 0, canvas.width, canvas.height);
  const found = globalThis.jsQR(data, canvas.width, canvas.height, { inversionAttempts: "dontInvert" });
  return found?.data ? [{ rawValue: found.data }] : [];
}

async function readsSample(detector) {
  const [found] = await detector.detect(sampleCanvas());
  return found?.rawValue === SAMPLE_TEXT;
}

function sampleCanvas() {
  const side = SAMPLE.length;
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = (side + 2 * QUIET) * SCALE;
  const pen = canvas.getContext("2d");
  pen.fillStyle = "#fff";
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.fillStyle = "#000";
  SAMPLE.forEach((row, y) => {
    for (let x = 0; x < side; x += 1) {
      const isDark = (row >> (side - 1 - x)) & 1;
      if (isDark) pen.fillRect((x + QUIET) * SCALE, (y + QUIET) * SCALE, SCALE, SCALE);
    }
  });
  return canvas;
}
