// Starts every page: mounts what is there (also after htmx has put something new in), theme and help, and the keys.

import { say } from "./announce.js";
import { mountPlayer, playerKey } from "./player.js";
import { mountTimeline } from "./timeline.js";
import { mountScreenplay, moveLine, currentLine } from "./screenplay.js";
import { mountTabs } from "./tabs.js";
import { mountPeople } from "./people.js";
import { mountLive } from "./live.js";
import { mountChoose } from "./choose.js";
import { mountUpload } from "./upload.js";
import { mountSearch, searchKey } from "./search.js";
import { mountSuggest } from "./suggest.js";
import { mountWhy, explain } from "./why.js";

function mount() {
  mountPlayer();
  mountTimeline();
  mountScreenplay();
  mountTabs();
  mountPeople();
  mountLive();
  mountChoose();
  mountUpload();
  mountSearch();
  mountSuggest();
}

function remember(name, value) {
  try { localStorage.setItem(name, value); } catch { say("The browser does not allow to remember this choice."); }
}

const root = document.documentElement;

const actions = {
  theme() {
    const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = dark ? "light" : "dark";
    remember("omniscript-theme", root.dataset.theme);
    say(dark ? "Light theme" : "Dark theme");
  },
  clock() {
    root.dataset.clock = root.dataset.clock === "timecode" ? "elapsed" : "timecode";
    remember("omniscript-clock", root.dataset.clock);
    showClock();
  },
  help() { document.getElementById("help")?.showModal(); },
};

function showClock() {
  for (const button of document.querySelectorAll('[data-page-do="clock"]')) button.setAttribute("aria-pressed", String(root.dataset.clock === "timecode"));
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-page-do]");
  if (button) actions[button.dataset.pageDo]?.();
  if (event.target.matches("dialog")) event.target.close(); // a click beside the dialog
});

const typing = (element) => element.matches("input:not([type=range]):not([type=checkbox]), textarea, select, [contenteditable]");

// On a site's own page, keys are ours only while the focus is inside of something of ours.
const isOurs = (element) => document.querySelector(".omniscript.whole") !== null || element.closest(".omniscript") !== null;

document.addEventListener("keydown", (event) => {
  if (!isOurs(event.target)) return;
  if (undoKey(event)) { event.preventDefault(); return; }
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || document.querySelector("dialog[open]")) return;
  if (typing(event.target)) {
    if (event.key === "Escape") event.target.blur();
    else if (searchKey(event)) event.preventDefault();
    return;
  }
  if (takeKey(event)) event.preventDefault();
});

/** Ctrl+Z takes the last correction back, Ctrl+Shift+Z or Ctrl+Y does it again; while somebody types, the field's own undo is meant. */
function undoKey(event) {
  if (!(event.ctrlKey || event.metaKey) || event.altKey || typing(event.target) || document.querySelector("dialog[open]")) return false;
  const key = event.key.toLowerCase();
  const way = key === "y" || (key === "z" && event.shiftKey) ? "[data-redo]" : key === "z" ? "[data-undo]" : "";
  const form = way ? document.querySelector(way) : null;
  form?.requestSubmit();
  return Boolean(form);
}

function takeKey(event) {
  const { key, target } = event;
  if (key === "/") { focusSearch(); return true; }
  if (key === "?") { actions.help(); return true; }
  if (key === "w" && currentLine()) { explain(currentLine()); return true; }
  // Space and Enter belong to a focused button or link; arrows to a focused slider.
  if (key === " " && target.closest("button, a, summary, [role=checkbox]")) return false;
  if (target.matches("input[type=range]")) return false;
  if (searchKey(event)) return true;
  if (key === "ArrowDown" || key === "ArrowUp") return moveLine(key === "ArrowDown" ? 1 : -1);
  return playerKey(event);
}

function focusSearch() {
  const box = document.querySelector("[data-search-box]");
  box?.focus();
  box?.select();
}

// A card or job that changed its state is said aloud, its percents are not.
document.addEventListener("htmx:oobBeforeSwap", ({ detail }) => {
  const incoming = detail.fragment.querySelector?.("[data-state]");
  const present = detail.target;
  if (incoming && present?.dataset?.state && present.dataset.state !== incoming.dataset.state) say(incoming.dataset.said || "");
});
for (const name of ["htmx:afterSettle", "htmx:oobAfterSwap"]) document.addEventListener(name, () => { mount(); showClock(); });
document.addEventListener("htmx:responseError", ({ detail }) => say(`The server answered ${detail.xhr.status}. Try again.`));
document.addEventListener("htmx:sendError", ({ detail }) => { if (detail.requestConfig?.verb !== "get") say("The server cannot be reached."); });

mountWhy();
mount();
showClock();
