// A photo is made small on the phone before it is sent, and shown; without this script the server does it.
const LONGEST_SIDE = 1280;
const QUALITY = 0.8;

async function drawn(file, longest) {
  const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
  const scale = Math.min(1, longest / Math.max(picture.width, picture.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(picture.width * scale);
  canvas.height = Math.round(picture.height * scale);
  canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
  return canvas;
}

async function shrink(input) {
  const [file] = input.files;
  const place = (input.closest(".field") ?? input.form).querySelector("[data-photo-shown]");
  if (place) place.hidden = true;
  if (!file) return;
  const canvas = await drawn(file, Number(input.dataset.longest ?? LONGEST_SIDE)).catch(() => null);
  if (!canvas) return; // the server says what is wrong with it
  const small = await new Promise((done) => canvas.toBlob(done, "image/jpeg", QUALITY));
  if (small && small.size < file.size) {
    const carrier = new DataTransfer();
    carrier.items.add(new File([small], "photo.jpg", { type: "image/jpeg" }));
    input.files = carrier.files;
  }
  if (!place) return;
  place.src = canvas.toDataURL("image/jpeg", 0.6);
  place.hidden = false;
  say(input);
}

function say(input) {
  input.parentElement.querySelector("[data-photo-word]").textContent = input.dataset.again;
}

// A paper is sent as soon as its picture is chosen: one press less.
async function chosen(input) {
  await shrink(input);
  if (!("send" in input.dataset) || !input.files.length) return;
  say(input);
  input.form.requestSubmit();
}

for (const input of document.querySelectorAll("[data-photo]")) {
  input.addEventListener("change", () => chosen(input));
}
