// <omniscript-player asset="ID" base="/footage/"> and <omniscript-search base="/footage/">: film, script and search for any page.
//
// One module without dependencies. It talks to the API under `base` and draws in a shadow root, so that neither page styles the other;
// styles are constructed, which a content security policy without 'unsafe-inline' allows. The page and the archive must be of one origin:
// the archive sends no CORS headers, and its media say "same-origin". Put it behind the page's own host name (a proxy's prefix).
// Events: "omniscript-time" (detail.time in seconds) from a player, "omniscript-hit" (detail.asset, detail.start) from a search box.

const sheet = new CSSStyleSheet();
sheet.replaceSync(`
  :host { display: block; font: inherit; color: inherit; }
  video { display: block; width: 100%; max-height: 70vh; background: #000; border-radius: 8px; }
  ol { list-style: none; margin: 0.5rem 0 0; padding: 0; max-height: var(--omniscript-script-height, 24rem); overflow-y: auto; }
  li { display: grid; grid-template-columns: 4.5rem minmax(0, 1fr); gap: 0.5rem; padding: 0.2rem 0.4rem; border-radius: 6px; }
  li.scene { font-weight: 600; margin-top: 0.6rem; }
  li[aria-current="true"] { background: color-mix(in oklab, currentColor 12%, transparent); }
  button { font: inherit; color: inherit; background: none; border: 0; padding: 0; text-align: left; cursor: pointer; font-variant-numeric: tabular-nums; }
  button:hover { text-decoration: underline; }
  b { margin-right: 0.5em; }
  p { margin: 0.4rem 0; }
  form { display: flex; gap: 0.5rem; }
  input { flex: 1; min-width: 0; font: inherit; padding: 0.45rem 0.7rem; border: 1px solid color-mix(in oklab, currentColor 35%, transparent); border-radius: 8px; }
`);

const clock = (seconds) => {
  const whole = Math.floor(seconds);
  const tail = `${String(Math.floor(whole / 60) % 60).padStart(whole < 3600 ? 1 : 2, "0")}:${String(whole % 60).padStart(2, "0")}`;
  return whole < 3600 ? tail : `${Math.floor(whole / 3600)}:${tail}`;
};

function make(name, properties = {}, ...children) {
  const element = Object.assign(document.createElement(name), properties);
  element.append(...children);
  return element;
}

class OmniScriptElement extends HTMLElement {
  constructor() {
    super();
    this.attachShadow({ mode: "open" }).adoptedStyleSheets = [sheet];
  }

  /** The prefix under which the archive is, with a slash at its end. */
  get base() { return new URL(`${(this.getAttribute("base") || "/").replace(/\/+$/, "")}/`, document.baseURI); }

  connectedCallback() { this.drawSoon(); }

  attributeChangedCallback(name, before, after) { if (this.isConnected && before !== after) this.drawSoon(); }

  /** Draw once for all the attributes that are set together; a parsed element tells of each of them and of being connected. */
  drawSoon() {
    if (this.waiting) return;
    this.waiting = true;
    queueMicrotask(() => { this.waiting = false; this.draw(); });
  }

  async ask(path) {
    const response = await fetch(new URL(`api/v1/${path}`, this.base), { headers: { Accept: "application/json" }, credentials: "same-origin" });
    const answer = await response.json();
    if (!response.ok) throw new Error(`${answer.error.message} ${answer.error.remedy}`);
    return answer;
  }

  show(...children) { this.shadowRoot.replaceChildren(...children); }

  fail(error) { this.show(make("p", { role: "alert", textContent: error.message })); }
}

class OmniScriptPlayer extends OmniScriptElement {
  static observedAttributes = ["asset", "base", "start"];

  async draw() {
    const id = encodeURIComponent(this.getAttribute("asset") || "");
    if (!id) { this.show(); return; }
    try {
      const asset = await this.ask(`assets/${id}`);
      const script = asset.has_script ? await this.ask(`assets/${id}/script`) : null;
      if (id === encodeURIComponent(this.getAttribute("asset") || "")) this.build(asset, script, id); // another may be asked for by now
    } catch (error) { this.fail(error); }
  }

  build(asset, script, id) {
    const { proxy } = asset.files;
    this.video = make("video", { controls: true, playsInline: true, preload: "metadata", ariaLabel: asset.title });
    if (script) this.video.append(make("track", { kind: "captions", label: "Script", src: new URL(`assets/${id}/captions.vtt?revision=${asset.revision}`, this.base) }));
    this.lines = script ? this.printed(script) : [];
    const waiting = asset.state === "failed" ? "This film could not be read." : "The script is being written.";
    this.show(proxy ? this.video : make("p", { textContent: "There is no copy to play yet." }), ...(script ? [make("ol", { ariaLabel: "Script" }, ...this.lines)] : [make("p", { textContent: waiting })]));
    this.video.addEventListener("timeupdate", () => this.follow());
    if (!proxy) return;
    const start = Number(this.getAttribute("start") || 0);
    this.video.src = start > 0 ? `${proxy}#t=${start}` : proxy;
  }

  /** Play from a time, in seconds. */
  seek(seconds) {
    const { video } = this;
    if (video.readyState > 0) video.currentTime = seconds;
    else video.addEventListener("loadedmetadata", () => { video.currentTime = seconds; }, { once: true });
    video.play().catch(() => { /* the browser waits for the visitor to press play */ });
  }

  printed(script) {
    const names = new Map(script.characters.map((person) => [person.id, person.name]));
    return script.scenes.flatMap((scene) => [
      this.line(scene, make("span", { textContent: [scene.type, scene.location, scene.time].filter(Boolean).join(" · ") || "Scene" }), "scene"),
      ...scene.events.map((event) => this.line(event, this.words(event, names.get(event.character_id)))),
    ]);
  }

  words(event, name) {
    const text = [event.dialogue, event.action, event.audio_cue, event.on_screen_text].filter(Boolean).join(" ");
    return make("span", {}, ...(name ? [make("b", { textContent: name })] : []), text);
  }

  line({ start_s, end_s }, words, className = "") {
    const button = make("button", { type: "button", textContent: clock(start_s) });
    button.addEventListener("click", () => this.seek(start_s));
    const line = make("li", { className }, button, words);
    Object.assign(line.dataset, { start: start_s, end: end_s });
    return line;
  }

  follow() {
    const time = this.video.currentTime;
    for (const line of this.lines) {
      const isNow = line.className !== "scene" && Number(line.dataset.start) <= time && time < Number(line.dataset.end);
      line.ariaCurrent = String(isNow);
    }
    this.dispatchEvent(new CustomEvent("omniscript-time", { detail: { time }, bubbles: true, composed: true }));
  }
}

class OmniScriptSearch extends OmniScriptElement {
  static observedAttributes = ["base", "placeholder"];

  draw() {
    const input = make("input", { type: "search", name: "q", placeholder: this.getAttribute("placeholder") || "Find a moment", ariaLabel: "Search the archive" });
    this.answer = make("div", { role: "status" });
    const form = make("form", { role: "search" }, input, make("button", { textContent: "Search" }));
    form.addEventListener("submit", (event) => { event.preventDefault(); this.search(input.value.trim()); });
    this.show(form, this.answer);
  }

  async search(text) {
    if (!text) { this.answer.replaceChildren(); return; }
    try {
      const found = await this.ask(`search?q=${encodeURIComponent(text)}&limit=10`);
      const hits = found.hits.map((hit) => this.hit(hit));
      this.answer.replaceChildren(hits.length ? make("ol", {}, ...hits) : make("p", { textContent: "No moment fits that." }));
    } catch (error) { this.answer.replaceChildren(make("p", { textContent: error.message })); }
  }

  hit(hit) {
    const text = hit.highlights.map(({ pieces }) => pieces.map(([piece]) => piece).join("")).join(" ");
    const button = make("button", { type: "button", textContent: clock(hit.start_s) });
    button.addEventListener("click", () => {
      const detail = { asset: hit.asset_id, start: hit.start_s };
      const isFree = this.dispatchEvent(new CustomEvent("omniscript-hit", { detail, bubbles: true, composed: true, cancelable: true }));
      if (isFree) location.assign(new URL(`assets/${hit.asset_id}/?t=${hit.start_s}`, this.base));
    });
    return make("li", {}, button, make("span", {}, make("b", { textContent: hit.title }), text));
  }
}

customElements.define("omniscript-player", OmniScriptPlayer);
customElements.define("omniscript-search", OmniScriptSearch);
