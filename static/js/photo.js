// A photo is made small on the phone before it is sent, and shown; without this script the server does it.
const LONGEST_SIDE = 1280;
const QUALITY = 0.8;

async function drawn(file) {
  const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
  const scale = Math.min(1, LONGEST_SIDE / Math.max(picture.width, picture.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(picture.width * scale);
  canvas.height = Math.round(picture.height * scale);
  canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
  return canvas;
}

async function shrink(input) {
  const [file] = input.files;
  const place = (input.closest(".field") ?? input.form).querySelector("[data-photo-shown]");
  place.hidden = true;
  if (!file) return;
  const canvas = await drawn(file).catch(() => null);
  if (!canvas) return; // the server says what is wrong with it
  const small = await new Promise((done) => canvas.toBlob(done, "image/jpeg", QUALITY));
  if (small && small.size < file.size) {
    const carrier = new DataTransfer();
    carrier.items.add(new File([small], "photo.jpg", { type: "image/jpeg" }));
    input.files = carrier.files;
  }
  place.src = canvas.toDataURL("image/jpeg", 0.6);
  place.hidden = false;
  input.parentElement.querySelector("[data-photo-word]").textContent = input.dataset.again;
}

for (const input of document.querySelectorAll("[data-photo]")) {
  input.addEventListener("change", () => shrink(input));
}
