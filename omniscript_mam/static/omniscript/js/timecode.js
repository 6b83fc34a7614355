// Time in the player: seconds, frames at an exact rate, and SMPTE labels. The same rules as omniscript_mam/script/timing.py; a
// browser test compares the two. Rates are whole-number fractions, so that 23.976 never becomes a float.

const TOLERANCE_S = 1e-6;

export class Clock {
  /** @param {{rate: string, drop: boolean, start: string}} options rate as "24000/1001", empty where there are no frames */
  constructor({ rate, drop, start }) {
    const [num, den] = (rate || "0").split("/").map(Number);
    this.num = num || 0;
    this.den = den || 1;
    this.hasFrames = this.num > 0;
    this.nominal = Math.ceil(this.num / this.den);
    const isTrue = this.num === this.nominal * this.den || this.num * 1001 === this.nominal * 1000 * this.den;
    this.hasLabels = this.hasFrames && isTrue && this.nominal >= 1 && this.nominal <= 120;
    this.dropped = drop ? Math.round(this.nominal / 15) : 0;
    this.perDay = 24 * 3600 * this.nominal - 24 * 54 * this.dropped;
    this.startFrame = this.hasLabels && start ? this.count(start) ?? 0 : 0;
  }

  /** The frame on screen at a time. */
  frameAt(seconds) { return Math.max(0, Math.floor(((seconds + TOLERANCE_S) * this.num) / this.den)); }

  /** When a frame appears. */
  startOf(frame) { return (frame * this.den) / this.num; }

  /** A time safely inside a frame: seeking to its exact start may show the one before. */
  middleOf(frame) { return ((frame + 0.5) * this.den) / this.num; }

  /** A frame's label. */
  label(frame) {
    let count = (this.startFrame + frame) % this.perDay;
    if (this.dropped) {
      const perMinute = 60 * this.nominal - this.dropped;
      const perTen = 10 * perMinute + this.dropped;
      const tens = Math.floor(count / perTen);
      const rest = count % perTen;
      const minutes = rest < this.dropped ? 0 : Math.floor((rest - this.dropped) / perMinute);
      count += this.dropped * (9 * tens + minutes);
    }
    const seconds = Math.floor(count / this.nominal);
    const two = (value) => String(value).padStart(2, "0");
    const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60].map(two).join(":");
    return `${parts}${this.dropped ? ";" : ":"}${two(count % this.nominal)}`;
  }

  labelAt(seconds) { return this.label(this.frameAt(seconds)); }

  /** How many labels of the day come before this one; null for a label that does not exist. */
  count(label) {
    const found = /^(\d{1,2}):([0-5]?\d):([0-5]?\d)([:;.,])(\d{1,3})$/.exec(label.trim());
    if (!found || (found[4] !== ":" && !this.dropped)) return null;
    const [hours, minutes, seconds, frames] = [found[1], found[2], found[3], found[5]].map(Number);
    if (hours > 23 || frames >= this.nominal) return null;
    if (frames < this.dropped && seconds === 0 && minutes % 10) return null;
    const total = 60 * hours + minutes;
    return (60 * total + seconds) * this.nominal + frames - this.dropped * (total - Math.floor(total / 10));
  }

  /** Seconds from what a person types: a label, h:mm:ss.s, m:ss or seconds, "f123" for a frame; null if it is none. */
  parse(text) {
    const typed = text.trim();
    if (this.hasLabels && typed.split(/[:;]/).length === 4) {
      const count = this.count(typed);
      return count === null ? null : this.startOf((count - this.startFrame + this.perDay) % this.perDay);
    }
    const frame = /^f\s*(\d{1,8})$/i.exec(typed);
    if (frame && this.hasFrames) return this.startOf(Number(frame[1]));
    const found = /^(?:(?:(\d{1,3}):)?(\d{1,4}):)?(\d{1,6}(?:[.,]\d+)?)$/.exec(typed);
    if (!found) return null;
    const seconds = Number(found[3].replace(",", "."));
    if (found[2] !== undefined && seconds >= 60) return null;
    return Number(found[1] || 0) * 3600 + Number(found[2] || 0) * 60 + seconds;
  }
}

/** Seconds as people read them: 1:02, 1:02:03; with digits 1:02.345. */
export function elapsed(seconds, digits = 0) {
  const scale = 10 ** digits;
  const ticks = Math.floor(Math.max(0, seconds) * scale + 1e-6 * scale);
  const whole = Math.floor(ticks / scale);
  const minutes = Math.floor(whole / 60) % 60;
  const hours = Math.floor(whole / 3600);
  const head = hours ? `${hours}:${String(minutes).padStart(2, "0")}` : String(minutes);
  const tail = digits ? `.${String(ticks % scale).padStart(digits, "0")}` : "";
  return `${head}:${String(whole % 60).padStart(2, "0")}${tail}`;
}
