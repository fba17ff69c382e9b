// The camera goes on looking behind each verdict, so that the next pass needs no press; light where the phone has one.
import { startScanner } from "../scanner.js";

const video = document.querySelector("[data-camera]");
const torch = document.querySelector("[data-torch]");

export class Camera {
  constructor(onCode) {
    this.onCode = onCode;
    this.stop = null;
  }

  get isOn() {
    return this.stop !== null;
  }

  // Fails with the browser's reason.
  async open() {
    this.stop = new AbortController();
    video.hidden = false;
    try {
      await startScanner(video, this.onCode, {
        signal: this.stop.signal,
        onLost: () => this.close(),
        onStream: (stream) => this.offerTorch(stream),
      });
    } catch (error) {
      this.close();
      throw error;
    }
  }

  close() {
    this.stop?.abort();
    this.stop = null;
    video.hidden = true;
    torch.hidden = true;
    this.onClosed?.();
  }

  offerTorch(stream) {
    const [track] = stream.getVideoTracks();
    const hasLight = Boolean(track.getCapabilities?.().torch);
    torch.hidden = !hasLight;
    torch.setAttribute("aria-pressed", "false");
    torch.onclick = () => switchLight(track);
  }
}

async function switchLight(track) {
  const on = torch.getAttribute("aria-pressed") !== "true";
  try {
    await track.applyConstraints({ advanced: [{ torch: on }] });
    torch.setAttribute("aria-pressed", String(on));
  } catch (error) {
    console.warn("gate: no light", error);
    torch.hidden = true;
  }
}
