// Earlier entries of a chart come as the list is scrolled. Whoever is on “Show earlier” goes on with the first of them,
// and who listens is told that more is there.
(() => {
  let wasOn = false;
  let before = 0;
  const entries = () => document.querySelectorAll("#timeline > li:not(.more)");
  const isMore = (event) => event.detail.target?.classList?.contains("more");

  document.addEventListener("htmx:beforeSwap", (event) => {
    if (!isMore(event)) return;
    wasOn = event.detail.target.contains(document.activeElement);
    before = entries().length;
  });

  document.addEventListener("htmx:afterSettle", (event) => {
    const said = document.getElementById("chart-said");
    if (event.target.id === "so-far" && said) {
      said.textContent = document.getElementById("kinds-said")?.textContent ?? "Showing everything.";
    }
    const all = entries();
    if (!before || all.length <= before) return;
    const first = all[before];
    if (wasOn) {
      first.tabIndex = -1;
      first.focus({ preventScroll: true });
    }
    if (said) said.textContent = `${all.length - before} earlier entries shown, ${all.length} in all.`;
    before = 0;
  });
})();
