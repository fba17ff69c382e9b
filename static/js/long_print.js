// Says how far a print of many passes has come, and lets it be stopped. Without this script, and in browsers
// within a chat program, which cannot keep what a script has made, the same link simply fetches the file.
const CANNOT_KEEP = /MicroMessenger|QQ\//;

for (const area of document.querySelectorAll("[data-long-print]")) {
  if (CANNOT_KEEP.test(navigator.userAgent)) break;
  for (const link of area.querySelectorAll("a[data-print-start]")) {
    link.addEventListener("click", (event) => {
      event.preventDefault();
      start(area, link.href);
    });
  }
  for (const form of area.querySelectorAll("form[data-print-start]")) {
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      start(area, `${form.action}?${new URLSearchParams(new FormData(form))}`);
    });
  }
}

async function start(area, address) {
  if (area.dataset.making) return;
  area.dataset.making = "yes";
  const making = area.querySelector("[data-making]");
  const told = making.querySelector("[data-told]");
  const bar = making.querySelector("progress");
  const stopper = new AbortController();
  const stop = making.querySelector("[data-stop]");
  stop.onclick = () => stopper.abort();
  stop.hidden = bar.hidden = false;
  making.hidden = false;
  bar.removeAttribute("value");
  told.textContent = making.dataset.begun;
  making.scrollIntoView({ block: "nearest" });
  try {
    const file = await fetched(address, stopper.signal, (done, total) => {
      bar.max = total;
      bar.value = done;
      told.textContent = filled(making.dataset.made, { done, total });
    });
    keep(file, area.dataset.longPrint);
    told.textContent = filled(making.dataset.done, { total: bar.max });
  } catch (error) {
    if (error instanceof Refused) location.assign(address);
    told.textContent = error.name === "AbortError" ? making.dataset.stopped : making.dataset.failed;
  } finally {
    stop.hidden = bar.hidden = true;
    delete area.dataset.making;
  }
}

class Refused extends Error {}

// The whole file; `tell` hears how many passes have come. The header says how many are in each file of the archive.
async function fetched(address, signal, tell) {
  const answer = await fetch(address, { signal });
  if (!answer.ok || !answer.headers.has("X-Stacks")) throw new Refused();
  const stacks = answer.headers.get("X-Stacks").split(" ").map(Number);
  const total = sum(stacks);
  const begun = beginnings();
  const reader = answer.body.getReader();
  const pieces = [];
  tell(0, total);
  for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
    pieces.push(piece.value);
    // A file is sent when it is made: that it begins to come means that its passes are done.
    tell(sum(stacks.slice(0, begun(piece.value))), total);
  }
  return new Blob(pieces, { type: "application/zip" });
}

// How every file begins in an archive that is written without looking back (tests/passes/test_stacks.py).
const MARK = [0x50, 0x4b, 3, 4, 20, 0, 8, 8, 0, 0];

// Counts the files that have begun, however the network cuts the stream.
function beginnings() {
  let count = 0;
  let tail = new Uint8Array(0);
  return (piece) => {
    const bytes = new Uint8Array(tail.length + piece.length);
    bytes.set(tail);
    bytes.set(piece, tail.length);
    for (let at = bytes.indexOf(MARK[0]); at >= 0; at = bytes.indexOf(MARK[0], at + 1)) {
      if (MARK.every((byte, number) => bytes[at + number] === byte)) count += 1;
    }
    tail = bytes.slice(-(MARK.length - 1));
    return count;
  };
}

const sum = (numbers) => numbers.reduce((all, number) => all + number, 0);

function keep(file, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(file);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
}

function filled(sentence, numbers) {
  return Object.entries(numbers).reduce(
    (text, [name, number]) => text.replace(`{${name}}`, number.toLocaleString("en")),
    sentence,
  );
}
