// Runs before the page is drawn: the remembered theme and clock, and the mark that scripts run at all.
(() => {
  const root = document.documentElement;
  root.classList.add("js");
  const remembered = (name) => {
    try { return localStorage.getItem(name); } catch { return null; } // storage may be forbidden; then nothing is remembered
  };
  const theme = remembered("omniscript-theme");
  if (theme === "dark" || theme === "light") root.dataset.theme = theme;
  root.dataset.clock = remembered("omniscript-clock") === "timecode" ? "timecode" : "elapsed";
})();
