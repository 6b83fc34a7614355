// Films chosen in the library, to be moved into a collection. The choice outlives cards that are put in anew; the form posts without this.

const chosen = new Set();

function draw() {
  const form = document.querySelector("[data-move]");
  for (const box of document.querySelectorAll(".choose input")) box.checked = chosen.has(box.value);
  const count = form?.querySelector("[data-num-chosen]");
  if (count) count.textContent = `${chosen.size} ${chosen.size === 1 ? "film" : "films"}`;
}

export function mountChoose() {
  const form = document.querySelector("[data-move]");
  if (!form) return;
  draw();
  if (form.dataset.mounted) return;
  form.dataset.mounted = "yes";
  form.addEventListener("reset", () => { chosen.clear(); setTimeout(draw); });
  window.addEventListener("pageshow", draw);
  document.addEventListener("change", ({ target }) => {
    if (!target.matches(".choose input")) return;
    chosen[target.checked ? "add" : "delete"](target.value);
    draw();
  });
}
