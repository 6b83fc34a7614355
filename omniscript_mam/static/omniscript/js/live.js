// Events while they are written: new ones fade in, and screen readers are told how many, at most every twelve seconds.

import { whisper } from "./announce.js";

const SPEAK_EVERY_MS = 12_000;
const seen = new Set();
let unspoken = 0;
let spokenAt = -SPEAK_EVERY_MS;
let timer = 0;

function speak() {
  timer = 0;
  spokenAt = performance.now();
  whisper(`${unspoken} new ${unspoken === 1 ? "event" : "events"} written`);
  unspoken = 0;
}

export function mountLive() {
  const box = document.querySelector("[data-live]");
  if (!box) { seen.clear(); return; }
  const isFirst = seen.size === 0; // what was there when the page came is not new
  for (const line of box.querySelectorAll("li")) {
    if (seen.has(line.id)) continue;
    seen.add(line.id);
    if (isFirst) continue;
    unspoken += 1;
    line.classList.add("fresh");
  }
  if (unspoken && !timer) timer = setTimeout(speak, Math.max(0, spokenAt + SPEAK_EVERY_MS - performance.now()));
}
