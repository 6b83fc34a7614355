// Search page: a click on a hit plays it in the dock beside the results; arrows move between hits, Enter plays.

import { say } from "./announce.js";
import { Clock, elapsed } from "./timecode.js";

let hits = null;
let stopAt = null;

const list = () => [...document.querySelectorAll(".hit")];

export function mountSearch() {
  const found = document.querySelector("[data-hits]");
  if (!found || found === hits) return;
  hits = found;
  if (matchMedia("(max-width: 760px)").matches) document.querySelector(".facets-fold")?.removeAttribute("open");
}

function choose(hit, { focus = true } = {}) {
  for (const other of list()) other.removeAttribute("aria-current");
  hit.setAttribute("aria-current", "true");
  if (focus) hit.querySelector(".hit-thumb").focus({ preventScroll: true });
  hit.scrollIntoView({ block: "nearest" });
}

function play(hit, { start, end } = hit.dataset) {
  const dock = document.querySelector("[data-dock]");
  const video = dock.querySelector("video");
  const { proxy, rate } = hit.dataset;
  const opened = new URL(hit.querySelector("[data-open]").href);
  opened.searchParams.set("t", start);
  choose(hit, { focus: !hit.contains(document.activeElement) });
  if (!proxy) { location.assign(opened); return; }
  dock.dataset.open = "";
  dock.querySelector("[data-dock-empty]").hidden = true;
  dock.querySelector("[data-dock-player]").hidden = false;
  const clock = new Clock({ rate, drop: false, start: "" });
  const target = clock.hasFrames ? clock.middleOf(clock.frameAt(Number(start))) : Number(start);
  const go = () => { video.currentTime = target; video.play().catch((error) => { if (error.name !== "AbortError") say("Press play to start the film."); }); };
  if (video.dataset.source !== proxy) {
    video.dataset.source = proxy;
    video.addEventListener("loadedmetadata", go, { once: true });
    video.poster = hit.dataset.poster || "";
    video.src = proxy;
  } else go();
  stopAt = Math.max(Number(end), Number(start) + 1.5) + 0.4; // a breath after the line, then pause: the moment is what was asked for
  const link = dock.querySelector("[data-dock-link]");
  link.textContent = hit.dataset.title;
  link.href = opened;
  dock.querySelector("[data-dock-time]").textContent = `${elapsed(Number(start))} – ${elapsed(Number(end))}`;
  say(`Playing ${hit.dataset.title} at ${elapsed(Number(start))}`);
}

document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("[data-chip-menu][open]")) if (!menu.contains(event.target)) menu.removeAttribute("open");
  const edited = event.target.closest("[data-edit-words]");
  if (edited) { editWords(edited); return; }
  if (event.target.closest("[data-dock-close]")) { closeDock(); return; }
  const hit = event.target.closest(".hit");
  if (!hit || event.metaKey || event.ctrlKey || event.button !== 0) return;
  if (event.target.closest("[data-open]") || String(getSelection()).length) return;
  const other = event.target.closest(".others");
  if (other && !event.target.closest("a")) return; // the fold opens and closes
  event.preventDefault();
  play(hit, other ? event.target.closest("a").dataset : hit.dataset);
});

/** Puts the cursor on the words of a chip in the box. */
function editWords(button) {
  const input = document.querySelector("[data-search-box]");
  const at = input.value.indexOf(button.dataset.editWords);
  button.closest("details").removeAttribute("open");
  input.focus();
  if (at >= 0) input.setSelectionRange(at, at + button.dataset.editWords.length);
}

document.addEventListener("keydown", (event) => {
  const menu = event.key === "Escape" ? event.target.closest?.("[data-chip-menu][open]") : null;
  if (!menu) return;
  menu.removeAttribute("open");
  menu.querySelector("summary").focus();
  event.preventDefault();
});

function closeDock() {
  const dock = document.querySelector("[data-dock]");
  delete dock.dataset.open;
  dock.querySelector("video").pause();
  document.querySelector('.hit[aria-current="true"] .hit-thumb')?.focus();
}

document.addEventListener("timeupdate", (event) => {
  const video = event.target;
  if (stopAt !== null && video.closest?.("[data-dock]") && video.currentTime >= stopAt) { stopAt = null; video.pause(); }
}, true);
document.addEventListener("seeking", (event) => {
  // The person went elsewhere in the film: let it run on.
  if (event.target.closest?.("[data-dock]") && stopAt !== null && event.target.currentTime > stopAt) stopAt = null;
}, true);

/** Keys of the results; true if the key was taken. */
export function searchKey(event) {
  const all = list();
  if (!all.length) return false;
  const inBox = event.target.matches("input");
  if (inBox && !(event.key === "ArrowDown" && event.target.matches("[data-search-box]"))) return false;
  const place = all.findIndex((hit) => hit.getAttribute("aria-current") === "true");
  const across = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key] ?? (event.target.closest(".storyboard") ? across : undefined);
  if (step) {
    const next = all[Math.min(all.length - 1, Math.max(0, place + step))];
    choose(next);
    return true;
  }
  const video = document.querySelector("[data-dock] video");
  if (event.key === " " && video?.dataset.source) {
    stopAt = null;
    if (video.paused) video.play(); else video.pause();
    return true;
  }
  if (event.key === "Escape" && document.querySelector("[data-dock][data-open]")) { closeDock(); return true; }
  return false;
}
