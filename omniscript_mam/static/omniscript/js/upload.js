// Uploads: several files by drop or picker, each with its own bar of bytes sent. One file travels at a time, so that an early one
// is worked on while later ones are still on their way. Without scripts the form posts as any form does.

import { say } from "./announce.js";

let form = null;
const waiting = [];
let busy = false;
let taken = 0;

const size = (bytes) => (bytes < 1e6 ? `${Math.max(1, Math.round(bytes / 1e3))} kB` : bytes < 1e9 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(2)} GB`);

export function mountUpload() {
  const found = document.querySelector("[data-upload]");
  if (!found || found === form) return;
  form = found;
  form.querySelector("input[type=file]").addEventListener("change", (event) => {
    add([...event.target.files]);
    event.target.value = "";
  });
  form.addEventListener("submit", (event) => event.preventDefault());
  listenForDrops();
}

let listening = false;
function listenForDrops() {
  if (listening) return;
  listening = true;
  let depth = 0;
  const carriesFiles = (event) => event.dataTransfer?.types.includes("Files");
  const mark = (on) => document.body.classList.toggle("dragging", on);
  document.addEventListener("dragenter", (event) => { if (carriesFiles(event)) { depth += 1; mark(true); } });
  document.addEventListener("dragleave", (event) => { if (carriesFiles(event)) { depth = Math.max(0, depth - 1); mark(depth > 0); } });
  document.addEventListener("dragover", (event) => { if (carriesFiles(event)) event.preventDefault(); });
  document.addEventListener("drop", (event) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    depth = 0;
    mark(false);
    if (form?.isConnected) add([...event.dataTransfer.files]);
  });
  window.addEventListener("beforeunload", (event) => { if (busy) event.preventDefault(); });
}

const isSubtitle = (file) => /\.(srt|vtt|ass|ssa)$/i.test(file.name);

function add(files) {
  files.sort((a, b) => isSubtitle(a) - isSubtitle(b)); // a subtitle is kept with its film, which has to be there
  for (const file of files) waiting.push({ file, row: makeRow(file), collection: form.elements.collection?.value ?? "" });
  if (files.length) say(files.length === 1 ? `Uploading ${files[0].name}` : `Uploading ${files.length} files`);
  next();
}

function makeRow(file) {
  const row = document.getElementById("upload-row").content.firstElementChild.cloneNode(true);
  row.querySelector(".name").textContent = file.name; // a text node: whatever the name holds is shown, never run
  row.querySelector("progress").setAttribute("aria-label", `Upload of ${file.name}`);
  row.querySelector("[data-bytes]").textContent = size(file.size);
  document.querySelector("[data-uploads]").append(row);
  return row;
}

function next() {
  if (busy) return;
  if (!waiting.length) { leaveEmptyState(); return; }
  busy = true;
  const job = waiting.shift();
  send(job).finally(() => { busy = false; next(); });
}

/** The page of an empty archive is made anew once the first files are in; a message about a refused file stays. */
function leaveEmptyState() {
  const first = form.classList.contains("wide") && taken > 0;
  if (first && !document.querySelector("[data-uploads] .upload")) location.reload();
}

function send({ file, row, collection }) {
  const bar = row.querySelector("progress");
  const bytes = row.querySelector("[data-bytes]");
  const cancel = row.querySelector("[data-cancel]");
  const request = new XMLHttpRequest();
  const body = new FormData();
  body.append("files", file, file.name);
  body.append("collection", collection);
  return new Promise((resolve) => {
    request.upload.addEventListener("progress", ({ loaded, total }) => {
      bar.value = loaded / total;
      bytes.textContent = loaded < total ? `${size(loaded)} of ${size(total)}` : "Taking it in …";
    });
    cancel.addEventListener("click", () => request.abort());
    request.addEventListener("load", () => { finish(row, file, request); resolve(); });
    request.addEventListener("error", () => { fail(row, "The connection broke.", "Check the network and send the file again."); resolve(); });
    request.addEventListener("abort", () => { row.remove(); resolve(); });
    request.open("POST", form.action);
    request.setRequestHeader("X-CSRFToken", form.querySelector("[name=csrfmiddlewaretoken]").value);
    request.setRequestHeader("Accept", "application/json");
    request.send(body);
  });
}

function finish(row, file, request) {
  let answer = null;
  try { answer = JSON.parse(request.responseText); } catch { answer = null; } // an error page instead of data; the status says enough
  const first = answer?.files?.[0];
  if (request.status < 300 && first && !first.error) {
    taken += 1;
    if (first.created) { say(`${file.name} is in the archive`); row.remove(); }
    else tell(row, first.note, "note"); // the same bytes under another name: both names are told, and stay until they are read
    document.body.dispatchEvent(new CustomEvent("mam:uploaded")); // the library asks at once for what is new
    return;
  }
  const problem = first?.error ?? answer?.error;
  const fallback = request.status === 413 ? "The file is larger than the server takes." : `The server answered ${request.status}.`;
  fail(row, problem?.message ?? fallback, problem?.remedy ?? "");
}

function fail(row, message, remedy) {
  tell(row, `${message} ${remedy}`.trim(), "error");
}

function tell(row, words, kind) {
  row.querySelector("progress").hidden = true;
  const place = row.querySelector(".error");
  place.className = kind;
  place.textContent = words;
  place.hidden = false;
  const cancel = row.querySelector("[data-cancel]");
  cancel.textContent = "Dismiss";
  cancel.addEventListener("click", () => row.remove(), { once: true });
  say(words);
}
