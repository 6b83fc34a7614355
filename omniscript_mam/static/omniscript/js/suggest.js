// Suggestions under the search box: a combobox. Arrows choose, Enter or Tab takes, Escape closes; typing goes on as if it were not there.

const WAIT_MS = 120;
const KINDS = { character: "person", location: "place", title: "film", time: "time of day", mood: "mood", interaction: "between people", word: "word" };

let timer = 0;
let asked = 0;

const box = () => document.querySelector("[data-suggest]");
const list = () => document.getElementById("suggestions");
const options = () => [...list().querySelectorAll("[role=option]")];

export function mountSuggest() {
  const input = box();
  if (!input || input.dataset.mounted) return;
  input.dataset.mounted = "";
  input.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(ask, WAIT_MS); });
  input.addEventListener("keydown", key);
  input.addEventListener("blur", () => setTimeout(close, 150)); // a click on an option comes first
  input.form.addEventListener("submit", close);
  list().addEventListener("mousedown", (event) => {
    const option = event.target.closest("[role=option]");
    if (option) { event.preventDefault(); take(option); }
  });
}

async function ask() {
  const input = box();
  const text = input.value;
  const number = ++asked;
  if (!text.trim() || input.selectionStart !== text.length) { close(); return; }
  const address = new URL(input.dataset.suggest, location.href);
  address.searchParams.set("q", text);
  let found = [];
  try {
    const response = await fetch(address, { headers: { Accept: "application/json" } });
    if (response.ok) found = (await response.json()).completions;
  } catch (error) { if (!(error instanceof TypeError)) throw error; } // no network: the search itself says so
  if (number === asked && document.activeElement === input) show(found);
}

function show(found) {
  list().replaceChildren(...found.map(({ text, value, kind }, place) => {
    const option = document.createElement("li");
    option.id = `suggestion-${place}`;
    option.setAttribute("role", "option");
    option.setAttribute("aria-selected", "false");
    option.dataset.text = text;
    const shown = document.createElement("span");
    shown.textContent = value;
    const small = document.createElement("small");
    small.textContent = KINDS[kind] || kind;
    option.append(shown, small);
    return option;
  }));
  list().hidden = !found.length;
  box().setAttribute("aria-expanded", String(Boolean(found.length)));
  box().removeAttribute("aria-activedescendant");
}

function close() {
  asked += 1;
  if (box()) show([]);
}

function mark(step) {
  const all = options();
  const at = all.findIndex((option) => option.getAttribute("aria-selected") === "true");
  const next = at < 0 ? (step > 0 ? 0 : all.length - 1) : at + step;
  for (const option of all) option.setAttribute("aria-selected", "false");
  const chosen = all[next];
  if (chosen) { chosen.setAttribute("aria-selected", "true"); box().setAttribute("aria-activedescendant", chosen.id); } else box().removeAttribute("aria-activedescendant");
}

function take(option) {
  const input = box();
  input.value = option.dataset.text;
  close();
  input.focus();
  input.setSelectionRange(input.value.length, input.value.length);
  input.dispatchEvent(new Event("input", { bubbles: true }));
  clearTimeout(timer); // what was taken is not completed further by itself
}

function key(event) {
  if (list().hidden || event.isComposing) return;
  const chosen = list().querySelector('[aria-selected="true"]');
  if (event.key === "ArrowDown" || event.key === "ArrowUp") mark(event.key === "ArrowDown" ? 1 : -1);
  else if ((event.key === "Enter" || event.key === "Tab") && chosen) take(chosen);
  else if (event.key === "Escape") close();
  else return;
  event.preventDefault();
  event.stopPropagation();
}
