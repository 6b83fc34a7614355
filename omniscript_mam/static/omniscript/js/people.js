// The people of a film: a person pointed at in the picture shows their ties; chosen, their profile is shown. Links without scripts.

import { showTabOf } from "./tabs.js";

let figure = null;
let chosen = "";

/** Mark the ties of one person; with "" everybody is shown alike again. */
function light(person) {
  if (!figure?.isConnected) return;
  figure.toggleAttribute("data-lit", Boolean(person));
  const near = new Set([person]);
  for (const part of figure.querySelectorAll("[data-from]")) {
    const on = part.dataset.from === person || part.dataset.to === person;
    part.toggleAttribute("data-on", on);
    if (on) { near.add(part.dataset.from); near.add(part.dataset.to); }
  }
  for (const node of figure.querySelectorAll(".node")) {
    node.toggleAttribute("data-on", Boolean(person) && near.has(node.dataset.person));
    node.setAttribute("aria-current", String(node.dataset.person === chosen));
  }
}

/** Bring a profile into view and give it the focus. */
export function showPerson(person) {
  const profile = document.getElementById(`person-${person}`);
  if (!profile) return;
  showTabOf(profile);
  chosen = person;
  light(person);
  profile.focus({ preventScroll: true });
  const behavior = matchMedia("(prefers-reduced-motion: reduce)").matches ? "instant" : "smooth";
  const pane = profile.closest(".pane");
  if (pane.scrollHeight <= pane.clientHeight + 4) profile.scrollIntoView({ block: "start", behavior }); // the page scrolls
  else pane.scrollTo({ top: pane.scrollTop + profile.getBoundingClientRect().top - pane.getBoundingClientRect().top - 8, behavior });
}

export function mountPeople() {
  const found = document.querySelector("[data-relations]");
  if (!found || found === figure) return;
  figure = found;
  const person = (event) => event.target.closest(".node")?.dataset.person ?? "";
  figure.addEventListener("mouseover", (event) => light(person(event) || chosen));
  figure.addEventListener("mouseleave", () => light(chosen));
  figure.addEventListener("focusin", (event) => light(person(event) || chosen));
  figure.addEventListener("focusout", () => light(chosen));
  figure.addEventListener("click", (event) => { if (!event.target.closest(".node, details")) { chosen = ""; light(""); } });
  if (document.getElementById(`person-${chosen}`)) light(chosen);
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-person]");
  if (!link || event.metaKey || event.ctrlKey) return;
  event.preventDefault();
  showPerson(link.dataset.person);
});

// The server says who was changed, once the new script stands beside the film.
document.addEventListener("mam:person", ({ detail }) => showPerson(detail.person));
