// Where a value comes from: the text of a title attribute, shown on hover at once and on keyboard focus too.

const bubble = () => document.getElementById("why");
let shownFor = null;

function show(element) {
  const held = element.closest("[title], [data-why]");
  if (!held || held.closest("svg")) return hide();
  if (held.title) { held.dataset.why = held.title; held.removeAttribute("title"); }
  if (!held.dataset.why || held === shownFor) return undefined;
  shownFor?.removeAttribute("aria-describedby");
  shownFor = held;
  held.setAttribute("aria-describedby", "why");
  const box = bubble();
  box.textContent = held.dataset.why;
  box.hidden = false;
  const place = held.getBoundingClientRect();
  const left = Math.min(innerWidth - box.offsetWidth - 8, Math.max(8, place.left));
  const below = place.bottom + 6 + box.offsetHeight < innerHeight;
  box.style.left = `${left}px`;
  box.style.top = `${below ? place.bottom + 6 : place.top - box.offsetHeight - 6}px`;
  return undefined;
}

function hide() {
  shownFor?.removeAttribute("aria-describedby");
  shownFor = null;
  const box = bubble();
  if (box) box.hidden = true;
}

export function mountWhy() {
  document.addEventListener("mouseover", (event) => show(event.target));
  document.addEventListener("focusin", (event) => { if (event.target.matches(":focus-visible")) show(event.target); else hide(); });
  document.addEventListener("focusout", hide);
  document.addEventListener("scroll", hide, { capture: true, passive: true });
  document.addEventListener("keydown", (event) => { if (event.key === "Escape") hide(); });
}

const reasons = (element) => [...(element?.querySelectorAll("[title], [data-why]") ?? [])].map((part) => part.title || part.dataset.why).filter(Boolean);

/** Everything known about where the values of a line come from, and those of the scene that it is in. */
export function explain(element) {
  const line = reasons(element);
  const scene = reasons(element.closest(".scene")?.querySelector(".scene-head"));
  const box = bubble();
  box.textContent = [line.join("\n") || "Nothing is recorded about where this line comes from.", ...(scene.length ? ["", "The scene", ...scene] : [])].join("\n");
  box.hidden = false;
  const place = element.getBoundingClientRect();
  box.style.left = `${Math.min(innerWidth - box.offsetWidth - 8, place.left + 70)}px`;
  box.style.top = `${Math.min(innerHeight - box.offsetHeight - 8, place.bottom + 4)}px`;
}
