// The player of the asset page: HTML5 video with a control row of our own. Sends "mam:time" (on every drawn frame) to the document;
// the script and the time line listen. Without scripts the browser's own controls stay.

import { Clock, elapsed } from "./timecode.js";
import { say } from "./announce.js";

const SPEEDS = [1, 1.5, 2, 4, 8];
const REVERSE_TICK_MS = 80; // browsers play no video backwards: J steps back in small jumps at the wanted pace

/** The page's player, once there is one. */
export let player = null;

class Player {
  constructor(root) {
    this.root = root;
    this.video = root.querySelector("video");
    this.clock = new Clock({ rate: root.dataset.rate, drop: root.dataset.drop === "yes", start: root.dataset.startTimecode || "" });
    this.part = (name) => root.querySelector(`[data-part="${name}"]`);
    this.reverse = 0;
    this.marks = { in: null, out: null };
    this.video.controls = false;
    root.querySelectorAll("[data-js]").forEach((element) => { element.hidden = false; });
    this.listen();
    this.seekFromAddress();
    this.draw();
  }

  get duration() { return Number.isFinite(this.video.duration) ? this.video.duration : Number(this.root.dataset.duration) || 0; }
  get time() { return this.pending ?? this.video.currentTime; }

  listen() {
    const { video } = this;
    for (const type of ["timeupdate", "seeking", "loadedmetadata", "durationchange"]) video.addEventListener(type, () => this.draw());
    video.addEventListener("seeked", () => { this.pending = null; this.draw(); });
    for (const type of ["play", "pause", "ended", "ratechange", "volumechange"]) video.addEventListener(type, () => this.drawState());
    video.addEventListener("loadedmetadata", () => { if (this.pending != null) video.currentTime = this.pending; });
    video.addEventListener("error", () => { this.part("trouble").hidden = false; });
    video.addEventListener("click", () => this.toggle());
    this.root.addEventListener("click", (event) => {
      const button = event.target.closest("[data-do]");
      if (button) this.act(button.dataset.do);
    });
    this.part("goto").addEventListener("submit", (event) => { event.preventDefault(); this.goTo(event.target.elements.at); });
    this.part("volume").addEventListener("input", (event) => { video.volume = Number(event.target.value); video.muted = false; });
    const tick = () => {
      if (!video.paused) this.draw();
      if (this.root.isConnected) requestAnimationFrame(tick);
    };
    requestAnimationFrame(tick);
  }

  /** Go to a time in seconds: into the middle of the frame that is on screen then, so that exactly this frame is shown. */
  seek(seconds, { play = false } = {}) {
    const last = Math.max(0, this.duration - 0.001);
    let target = Math.min(Math.max(0, seconds), last);
    if (this.clock.hasFrames) target = Math.min(last, this.clock.middleOf(this.clock.frameAt(target)));
    this.stopReverse();
    this.pending = target;
    if (this.video.readyState > 0) this.video.currentTime = target;
    else this.video.load();
    if (play) this.play();
    this.draw();
  }

  play() {
    this.video.play().catch((error) => { if (error.name !== "AbortError") say("The browser did not start the film. Press play."); });
  }

  toggle() {
    this.stopReverse();
    if (this.video.paused) this.play(); else this.video.pause();
  }

  step(frames) {
    this.video.pause();
    const rate = this.clock.hasFrames ? this.clock : new Clock({ rate: "25", drop: false, start: "" });
    this.seek(rate.middleOf(Math.max(0, rate.frameAt(this.time) + frames)));
  }

  shuttle(direction) {
    if (direction === 0) { this.stopReverse(); this.video.pause(); this.video.playbackRate = 1; return; }
    if (direction > 0) {
      this.stopReverse();
      const next = this.video.paused ? 1 : SPEEDS[Math.min(SPEEDS.length - 1, SPEEDS.indexOf(this.video.playbackRate) + 1)] || 1;
      this.video.playbackRate = next;
      this.play();
      return;
    }
    this.video.pause();
    const speed = SPEEDS[Math.min(SPEEDS.length - 1, SPEEDS.indexOf(this.reverse) + 1)] || 1;
    clearInterval(this.reverseTimer);
    this.reverse = speed;
    this.reverseTimer = setInterval(() => {
      if (this.video.seeking) return;
      const back = this.video.currentTime - (speed * REVERSE_TICK_MS) / 1000;
      this.video.currentTime = Math.max(0, back);
      if (back <= 0) this.stopReverse();
    }, REVERSE_TICK_MS);
    this.drawState();
  }

  stopReverse() {
    clearInterval(this.reverseTimer);
    this.reverse = 0;
    this.drawState();
  }

  act(name) {
    const { video } = this;
    const actions = {
      toggle: () => this.toggle(),
      "frame-back": () => this.step(-1),
      "frame-on": () => this.step(1),
      mute: () => { video.muted = !video.muted; },
      captions: () => this.toggleCaptions(),
      full: () => (document.fullscreenElement ? document.exitFullscreen() : this.part("screen").requestFullscreen()),
      copy: () => this.copy(this.stamp(this.time)),
      "copy-range": () => this.copy(`${this.stamp(this.marks.in ?? 0)} - ${this.stamp(this.marks.out ?? this.duration)}`),
      "clear-marks": () => this.mark(null),
    };
    actions[name]?.();
  }

  toggleCaptions() {
    const track = this.video.textTracks[0];
    if (!track) return;
    track.mode = track.mode === "showing" ? "disabled" : "showing";
    this.part("captions")?.setAttribute("aria-pressed", String(track.mode === "showing"));
  }

  stamp(seconds) { return this.clock.hasLabels ? this.clock.labelAt(seconds) : elapsed(seconds, 3); }

  async copy(text) {
    try {
      await navigator.clipboard.writeText(text);
      say(`Copied ${text}`);
    } catch {
      say(`Copying is not allowed here. The timecode is ${text}`);
    }
  }

  mark(which) {
    if (which === null) this.marks = { in: null, out: null };
    else this.marks[which] = this.time;
    const { in: start, out: end } = this.marks;
    if (start !== null && end !== null && end < start) this.marks[which === "in" ? "out" : "in"] = null;
    const row = this.part("marks");
    row.hidden = this.marks.in === null && this.marks.out === null;
    this.part("marks-text").textContent = `In ${this.marks.in === null ? "–" : this.stamp(this.marks.in)}  Out ${this.marks.out === null ? "–" : this.stamp(this.marks.out)}`;
    document.dispatchEvent(new CustomEvent("mam:marks", { detail: { ...this.marks, duration: this.duration } }));
  }

  goTo(input) {
    const seconds = this.clock.parse(input.value);
    const wrong = seconds === null || seconds > this.duration + 1;
    input.setAttribute("aria-invalid", String(wrong));
    if (wrong) { say(seconds === null ? "That is not a timecode or a time." : "That is after the end of the film."); return; }
    this.seek(seconds);
    input.value = "";
    input.blur();
  }

  /** #t=12.3, ?t=12.3 or ?t=01:00:12:09 */
  seekFromAddress() {
    const fragment = /[#&]t=([^&]+)/.exec(location.hash);
    const asked = fragment ? decodeURIComponent(fragment[1]) : new URLSearchParams(location.search).get("t");
    const seconds = asked === null ? null : this.clock.parse(asked);
    if (seconds !== null) this.seek(seconds);
  }

  draw() {
    const { time } = this;
    this.part("timecode").textContent = this.stamp(time);
    this.part("elapsed").textContent = `${elapsed(time, this.clock.hasLabels ? 1 : 0)} / ${elapsed(this.duration)}`;
    this.part("frame").textContent = this.clock.hasFrames ? `frame ${this.clock.frameAt(time)}` : "";
    document.dispatchEvent(new CustomEvent("mam:time", { detail: { time, duration: this.duration } }));
  }

  drawState() {
    const { video } = this;
    const playing = !video.paused || this.reverse > 0;
    for (const button of this.root.querySelectorAll('[data-do="toggle"]')) {
      button.setAttribute("aria-label", playing ? "Pause" : "Play");
      button.querySelectorAll("[data-when]").forEach((icon) => icon.toggleAttribute("hidden", (icon.dataset.when === "playing") !== playing));
    }
    this.part("big-play").hidden = playing || video.currentTime > 0 || this.pending != null;
    const rate = this.part("rate");
    const speed = this.reverse ? -this.reverse : video.playbackRate;
    rate.hidden = speed === 1;
    rate.textContent = `${speed}×`.replace("-", "−");
    const muted = this.part("mute");
    muted.setAttribute("aria-pressed", String(video.muted));
    muted.querySelectorAll("[data-when]").forEach((icon) => icon.toggleAttribute("hidden", (icon.dataset.when === "muted") !== video.muted));
  }
}

export function mountPlayer() {
  const root = document.querySelector("[data-player]");
  if (!root) { player = null; return; }
  if (player?.root !== root) { player = null; player = new Player(root); player.drawState(); }
}

/** Keys of the player; true if the key was taken. */
export function playerKey(event) {
  if (!player) return false;
  const keys = {
    " ": () => player.toggle(),
    k: () => player.shuttle(0),
    j: () => player.shuttle(-1),
    l: () => player.shuttle(1),
    ArrowLeft: () => (event.shiftKey ? player.step(-1) : player.seek(player.time - 1)),
    ArrowRight: () => (event.shiftKey ? player.step(1) : player.seek(player.time + 1)),
    i: () => player.mark("in"),
    o: () => player.mark("out"),
    x: () => player.mark(null),
    c: () => player.toggleCaptions(),
    f: () => player.act("full"),
    m: () => player.act("mute"),
    g: () => player.part("goto").elements.at.focus(),
    Home: () => player.seek(0),
    End: () => player.seek(player.duration),
  };
  const action = keys[event.key.length === 1 ? event.key.toLowerCase() : event.key];
  if (!action) return false;
  action();
  return true;
}

window.addEventListener("hashchange", () => player?.seekFromAddress());
