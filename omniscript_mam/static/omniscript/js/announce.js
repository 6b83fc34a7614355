// Says a short sentence to people: in the live region for screen readers, and for a moment on screen.

let timer = 0;

export function say(text) {
  const region = document.getElementById("live");
  if (!region) return;
  region.textContent = text;
  region.dataset.shown = "";
  clearTimeout(timer);
  timer = setTimeout(() => { delete region.dataset.shown; }, 2600);
}

/** For screen readers only: what others see for themselves. */
export function whisper(text) {
  const region = document.getElementById("live");
  if (region && !("shown" in region.dataset)) region.textContent = text;
}
