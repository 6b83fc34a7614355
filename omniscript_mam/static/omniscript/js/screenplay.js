// The script beside the player: follows playback, seeks on a click, filters, moves line by line. One listener for all rows.

import { player } from "./player.js";

let pane = null;
let rows = [];      // elements in time order
let starts = [];    // their start times, for binary search
let current = null;
let following = true;

export function mountScreenplay() {
  const found = document.querySelector("[data-script]");
  if (!found || found === pane) return;
  pane = found;
  rows = [...pane.querySelectorAll(".event")];
  starts = rows.map((row) => Number(row.dataset.start));
  current = null;
  following = true;
  for (const link of pane.querySelectorAll(".event .seek")) link.tabIndex = -1; // ↑ and ↓ move between lines; Tab leaves the script
  for (const type of ["wheel", "touchmove"]) pane.addEventListener(type, stopFollowing, { passive: true });
  pane.addEventListener("keydown", (event) => { if (["PageUp", "PageDown", "Home", "End"].includes(event.key)) stopFollowing(); });
  document.querySelector("[data-follow]")?.addEventListener("click", () => { following = true; showFollow(); reveal(current); });
  document.querySelector("[data-filter-script]")?.addEventListener("input", (event) => filter(event.target.value));
}

function stopFollowing() {
  following = false;
  showFollow();
}

function showFollow() {
  const button = document.querySelector("[data-follow]");
  if (button) button.hidden = following || !current;
}

/** Where a time falls among those that can be told apart: its frame, or where there are none its millisecond. The player shows whole
 * frames, so a line that starts late in a frame has begun as soon as this frame is on screen. */
function placeOf(seconds) {
  return player?.clock.hasFrames ? player.clock.frameAt(seconds) : Math.floor(seconds * 1000 + 1e-3);
}

/** Index of the last row that starts at or before a time; -1 before the first. */
function rowAt(time) {
  const place = placeOf(time);
  let low = 0;
  let high = starts.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (placeOf(starts[middle]) <= place) low = middle + 1; else high = middle;
  }
  return low - 1;
}

function setCurrent(row) {
  if (row === current) return;
  current?.removeAttribute("aria-current");
  current = row;
  current?.setAttribute("aria-current", "true");
  showFollow();
  if (following) reveal(row);
}

/** Bring a row into view: in its own pane, or, on a narrow screen where the page scrolls, in the page while the film plays. */
function reveal(row) {
  if (!row || !pane.isConnected) return;
  const inPane = pane.scrollHeight > pane.clientHeight + 4;
  if (!inPane && player?.video.paused) return;
  const scroller = inPane ? pane : document.scrollingElement;
  const tabs = document.querySelector("[data-tabs]").getBoundingClientRect();
  const frame = inPane ? pane.getBoundingClientRect() : { top: Math.max(0, tabs.bottom), bottom: innerHeight };
  const height = frame.bottom - frame.top;
  const box = row.getBoundingClientRect();
  if (box.top >= frame.top + height * 0.15 && box.bottom <= frame.bottom - height * 0.25) return;
  const smooth = !matchMedia("(prefers-reduced-motion: reduce)").matches && Math.abs(box.top - frame.top) < 2 * height;
  scroller.scrollTo({ top: scroller.scrollTop + box.top - frame.top - height * 0.3, behavior: smooth ? "smooth" : "instant" });
}

document.addEventListener("mam:time", ({ detail: { time } }) => {
  if (!pane?.isConnected || !rows.length) return;
  const row = rows[rowAt(time)] ?? null;
  // Of several rows that start in one frame, the one that was chosen stays.
  if (row && current && placeOf(Number(row.dataset.start)) === placeOf(Number(current.dataset.start))) return;
  setCurrent(row);
});

/** The next or previous line that the filter shows; seeks there. */
export function moveLine(direction) {
  if (!player || !pane?.isConnected || !rows.length) return false;
  const visible = rows.filter((row) => !row.classList.contains("unmatched"));
  if (!visible.length) return false;
  const next = nextOf(visible, direction);
  following = true;
  player.seek(Number(next.dataset.start));
  setCurrent(next);
  return true;
}

/** The row after or before the current one among those that show, which the current one may not be one of. */
function nextOf(visible, direction) {
  const place = current ? rows.indexOf(current) : -1;
  const after = visible.findIndex((row) => rows.indexOf(row) > place);
  if (direction > 0) return visible[after < 0 ? visible.length - 1 : after];
  const before = visible.filter((row) => rows.indexOf(row) < place);
  return before.at(-1) ?? visible[0];
}

function filter(text) {
  const words = text.toLocaleLowerCase().split(/\s+/).filter(Boolean);
  let shown = 0;
  for (const scene of pane.querySelectorAll(".scene")) {
    let any = false;
    for (const row of scene.querySelectorAll(".event")) {
      const content = words.length ? row.textContent.toLocaleLowerCase() : "";
      const matches = words.every((word) => content.includes(word));
      row.classList.toggle("unmatched", !matches);
      any ||= matches;
      shown += matches ? 1 : 0;
    }
    scene.classList.toggle("unmatched", words.length > 0 && !any);
  }
  const count = document.querySelector("[data-filter-count]");
  if (count) count.textContent = words.length ? `${shown} of ${rows.length} lines` : "";
}

/** A click on anything that names a time: seek there and play. Selecting text with the mouse is not a click. */
document.addEventListener("click", (event) => {
  if (!player || event.defaultPrevented || event.metaKey || event.ctrlKey || event.button !== 0) return;
  const target = event.target.closest("[data-seek], .event");
  if (!target || !target.closest("[data-asset]")) return;
  const inner = event.target.closest("a, button");
  if (inner && inner !== target && !inner.matches(".seek, [data-seek]")) return;
  if (!inner && String(getSelection()).length) return;
  event.preventDefault();
  following = true;
  player.seek(Number(target.dataset.seek ?? target.dataset.start), { play: true });
  const row = target.closest(".event");
  if (row && rows.includes(row)) setCurrent(row);
  showFollow();
});

/** The line at the playhead, or null. */
export function currentLine() {
  return pane?.isConnected ? current : null;
}
