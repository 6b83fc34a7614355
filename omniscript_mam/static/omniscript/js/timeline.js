// The time line under the player: playhead, click and drag to seek, a thumbnail of where the pointer is, and the waveform.

import { elapsed } from "./timecode.js";
import { player } from "./player.js";

let root = null;
let ranges = [];
let peaks = null;

const at = (event, box) => Math.min(1, Math.max(0, (event.clientX - box.left) / box.width));

export function mountTimeline() {
  const found = document.querySelector("[data-timeline]");
  if (!found || found === root) return;
  root = found;
  const track = root.querySelector("[data-track]");
  const hover = root.querySelector("[data-hover]");
  ranges = [...root.querySelectorAll("[data-scene]")].map((group) => ({
    start: Number(group.dataset.start), end: Number(group.dataset.end), title: group.dataset.title, group,
  }));
  const seconds = (event) => at(event, track.getBoundingClientRect()) * player.duration;
  track.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || !player) return;
    track.setPointerCapture(event.pointerId);
    player.seek(seconds(event));
  });
  track.addEventListener("pointermove", (event) => {
    if (!player) return;
    if (track.hasPointerCapture(event.pointerId)) player.seek(seconds(event));
    showHover(hover, track, event);
  });
  track.addEventListener("pointerleave", () => { hover.hidden = true; });
  track.addEventListener("keydown", (event) => {
    const jump = { PageUp: -10, PageDown: 10 }[event.key];
    if (jump && player) { event.preventDefault(); player.seek(player.time + jump); }
  });
  loadWaveform(root.querySelector("canvas"));
}

function showHover(hover, track, event) {
  const box = track.getBoundingClientRect();
  const fraction = at(event, box);
  const time = fraction * player.duration;
  const scene = ranges.find((range) => range.start <= time && time < range.end);
  hover.hidden = false;
  hover.querySelector("[data-hover-time]").textContent = player.stamp(time);
  hover.querySelector("[data-hover-title]").textContent = scene ? scene.title : "";
  drawTile(hover.querySelector(".tile"), time);
  const half = hover.offsetWidth / 2;
  hover.style.left = `${Math.min(box.width - half + 8, Math.max(half - 8, fraction * box.width))}px`;
}

function drawTile(tile, time) {
  const { sprite, spriteColumns, spriteCount, spriteWidth, spriteHeight, spriteInterval } = root.dataset;
  tile.hidden = !sprite;
  if (!sprite) return;
  const index = Math.min(Number(spriteCount) - 1, Math.max(0, Math.floor(time / Number(spriteInterval))));
  const [width, height, columns] = [Number(spriteWidth), Number(spriteHeight), Number(spriteColumns)];
  tile.style.width = `${width}px`;
  tile.style.height = `${height}px`;
  tile.style.backgroundImage = `url("${sprite}")`;
  tile.style.backgroundPosition = `-${(index % columns) * width}px -${Math.floor(index / columns) * height}px`;
}

async function loadWaveform(canvas) {
  peaks = null;
  const address = root.dataset.waveform;
  if (!address) { canvas.hidden = true; return; }
  const response = await fetch(address);
  if (!response.ok) { canvas.hidden = true; return; }
  const { min, max } = await response.json();
  peaks = max.map((high, place) => Math.max(high, -min[place]));
  canvas.hidden = peaks.length === 0;
  drawWaveform(canvas);
  new ResizeObserver(() => drawWaveform(canvas)).observe(canvas);
  new MutationObserver(() => drawWaveform(canvas)).observe(document.documentElement, { attributeFilter: ["data-theme"] });
}

/** One column per device pixel: the loudest peak that falls into it. */
function drawWaveform(canvas) {
  if (!peaks || !canvas.isConnected) return;
  const scale = window.devicePixelRatio || 1;
  const width = (canvas.width = Math.max(1, Math.round(canvas.clientWidth * scale)));
  const height = (canvas.height = Math.round(canvas.clientHeight * scale));
  const draw = canvas.getContext("2d");
  draw.fillStyle = getComputedStyle(canvas).color;
  const loudest = peaks.reduce((most, peak) => Math.max(most, peak), 8); // int8; near-silence is not blown up to full height
  for (let x = 0; x < width; x += 1) {
    const from = Math.floor((x / width) * peaks.length);
    const to = Math.max(from + 1, Math.floor(((x + 1) / width) * peaks.length));
    let peak = 0;
    for (let i = from; i < to && i < peaks.length; i += 1) peak = Math.max(peak, peaks[i]);
    const bar = Math.max(scale, (peak / loudest) * height);
    draw.fillRect(x, (height - bar) / 2, 1, bar);
  }
}

document.addEventListener("mam:time", ({ detail: { time, duration } }) => {
  if (!root?.isConnected || !duration) return;
  root.querySelector("[data-playhead]").style.left = `${(100 * time) / duration}%`;
  const slider = root.querySelector("[data-track]");
  const scene = ranges.find((range) => range.start <= time && time < range.end);
  const second = Math.floor(time);
  if (slider.ariaValueNow !== String(second)) {
    slider.ariaValueNow = String(second);
    slider.ariaValueText = `${elapsed(time)} of ${elapsed(duration)}${scene ? `, ${scene.title}` : ""}`;
  }
  for (const range of ranges) range.group.toggleAttribute("data-on", range === scene);
});

document.addEventListener("mam:marks", ({ detail }) => {
  if (!root?.isConnected) return;
  const band = root.querySelector("[data-marked]");
  band.hidden = detail.in === null && detail.out === null;
  const start = detail.in ?? 0;
  const end = detail.out ?? detail.duration;
  band.style.left = `${(100 * start) / detail.duration}%`;
  band.style.width = `${(100 * Math.max(0, end - start)) / detail.duration}%`;
});
