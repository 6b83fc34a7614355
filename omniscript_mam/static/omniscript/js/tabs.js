// Tabs of the asset page. They are links to the panes (which all show without scripts); here they become tabs.

let chosen = ""; // stays while the script beside the film is put in anew

/** The tab whose pane holds what an address like #plot or #person-char_1 names. */
const tabOf = (tabs, hash) => tabs.find((tab) => hash && document.getElementById(tab.hash.slice(1))?.contains(document.getElementById(decodeURIComponent(hash.slice(1)))));

/** Open the pane that holds an element. */
export function showTabOf(element) {
  const pane = element.closest(".pane");
  if (pane?.hidden) document.querySelector(`[data-tabs] a[href="#${pane.id}"]`)?.click();
}

export function mountTabs() {
  const list = document.querySelector("[data-tabs]");
  if (!list || list.dataset.mounted) return;
  list.dataset.mounted = "yes";
  const tabs = [...list.querySelectorAll("a")];
  list.setAttribute("role", "tablist");
  const pane = (tab) => document.getElementById(tab.hash.slice(1));
  const select = (tab, focus) => {
    chosen = tab.hash;
    for (const other of tabs) {
      const on = other === tab;
      other.setAttribute("aria-selected", String(on));
      other.tabIndex = on ? 0 : -1;
      pane(other).hidden = !on;
    }
    const tools = document.querySelector("[data-script-tools]");
    if (tools) tools.hidden = tab.hash !== "#script";
    if (focus) tab.focus();
  };
  for (const tab of tabs) {
    tab.setAttribute("role", "tab");
    tab.setAttribute("aria-controls", tab.hash.slice(1));
    pane(tab).setAttribute("role", "tabpanel");
    pane(tab).setAttribute("aria-labelledby", tab.id);
  }
  list.addEventListener("click", (event) => {
    const tab = event.target.closest("a");
    if (!tab) return;
    event.preventDefault();
    select(tab, true);
  });
  list.addEventListener("keydown", (event) => {
    const place = tabs.indexOf(document.activeElement);
    const next = { ArrowRight: place + 1, ArrowLeft: place - 1, Home: 0, End: tabs.length - 1 }[event.key];
    if (place < 0 || next === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    select(tabs[(next + tabs.length) % tabs.length], true);
  });
  select(tabs.find((tab) => tab.hash === chosen) ?? tabOf(tabs, location.hash) ?? tabs[0], false);
}
