// The diary looks again every ten seconds, and is walked through with the arrow keys. Without this file it is a page
// like any other, as fresh as when it was opened.
(() => {
  const EVERY = 10_000, TOO_LONG = 25_000, QUARTER = 15 * 60_000;
  const live = () => document.getElementById("diary");
  const scroller = () => document.querySelector(".diary-scroll");
  const isOurs = (event) => event.detail.elt && event.detail.elt.id === "diary";
  let lastGood = Date.now(), skew = 0, lost = false, kept = null, current = "";

  // --- Looking again -------------------------------------------------------------------------------------------------
  // Nothing is drawn anew under somebody's hand: while an appointment is dragged, or a question waits for its answer.
  const isHeld = () => document.querySelector("dialog[open], .visit.dragged, .visit.sent") !== null;

  function look() {
    if (document.hidden || isHeld() || !live()) return;
    if (Date.now() - lastGood > TOO_LONG) sayLost();
    htmx.trigger(live(), "diary:look");
  }

  function sayGood(asOf) {
    lastGood = Date.now();
    const line = live().querySelector("[data-as-of]");
    line.classList.remove("lost");
    line.firstChild.textContent = "As of ";
    if (asOf) line.querySelector("time").textContent = asOf;
    if (lost) say("Up to date again.");
    lost = false;
  }

  function sayLost() {
    const line = live().querySelector("[data-as-of]");
    line.classList.add("lost");
    line.firstChild.textContent = "Not up to date since ";
    if (!lost) say(line.textContent);
    lost = true;
  }

  function say(words) { document.getElementById("diary-said").textContent = words; }

  setInterval(() => { look(); moveNow(); }, EVERY);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) { look(); moveNow(); } });
  window.addEventListener("online", look);
  window.addEventListener("offline", () => live() && sayLost());

  document.addEventListener("htmx:beforeOnLoad", (event) => {
    // Signed out meanwhile: what is being typed here stays, and the next click asks for the sign-in.
    if (isOurs(event) && event.detail.xhr.status === 401) event.preventDefault();
  });
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (!isOurs(event)) return;
    if (isHeld()) { event.detail.shouldSwap = false; return; }
    const box = scroller();
    kept = { top: box && box.scrollTop, left: box && box.scrollLeft, open: !!document.querySelector(".cancelled[open]") };
  });
  document.addEventListener("htmx:oobBeforeSwap", (event) => {
    // Whoever is about to press a button beside the grid keeps it.
    if (event.detail.target.id === "diary-beside" && event.detail.target.contains(document.activeElement)) event.detail.shouldSwap = false;
  });
  document.addEventListener("htmx:afterSwap", () => {
    if (!kept || !live()) return;
    const box = scroller(), cancelled = document.querySelector(".cancelled");
    if (box) { box.scrollTop = kept.top; box.scrollLeft = kept.left; }
    if (cancelled && kept.open) cancelled.open = true;
    kept = null;
    rove();
    moveNow();
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    if (!isOurs(event) || !live()) return;
    const answer = event.detail.xhr;
    if (answer.status === 200 || answer.status === 204) {
      const date = Date.parse(answer.getResponseHeader("Date"));
      if (date) skew = date - Date.now();
      sayGood(answer.getResponseHeader("As-Of"));
    } else sayLost();
  });

  // --- The now-line --------------------------------------------------------------------------------------------------
  function moveNow() {
    const now = Date.now() + skew;
    document.querySelectorAll(".diary tr[data-at]").forEach((row) => {
      const past = now - Date.parse(row.dataset.at), here = past >= 0 && past < QUARTER;
      row.classList.toggle("now", here);
      for (const third of [0, 1, 2]) row.classList.toggle(`third-${third}`, here && Math.floor(past / (QUARTER / 3)) === third);
    });
  }

  // --- Arrow keys ----------------------------------------------------------------------------------------------------
  // One stop for Tab in the whole grid; from there by arrows, as in a table.
  const columnOf = (link) => Number(link.closest("td").dataset.column);
  const linksIn = (column) => [...document.querySelectorAll(`.diary td[data-column="${column}"] a`)].filter((link) => link.offsetParent);
  const links = () => [...document.querySelectorAll(".diary td a")].filter((link) => link.offsetParent);

  function rove() {
    const all = links(), here = all.find((link) => link === document.activeElement || link.id === current) || all[0];
    all.forEach((link) => { link.tabIndex = link === here ? 0 : -1; });
  }

  function beside(link, step) {
    const top = link.getBoundingClientRect().top, heads = document.querySelectorAll(".diary thead th").length;
    for (let column = columnOf(link) + step; column >= 0 && column < heads; column += step) {
      const there = linksIn(column);
      const away = (one) => Math.abs(one.getBoundingClientRect().top - top);
      if (there.length) return there.reduce((best, one) => (away(one) < away(best) ? one : best));
    }
    return null;
  }

  document.addEventListener("keydown", (event) => {
    const link = event.target.closest?.(".diary td a");
    if (!link || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    const column = linksIn(columnOf(link)), at = column.indexOf(link);
    const next = {
      ArrowDown: () => column[at + 1], ArrowUp: () => column[at - 1], Home: () => column[0], End: () => column[column.length - 1],
      ArrowLeft: () => beside(link, -1), ArrowRight: () => beside(link, 1),
    }[event.key];
    if (!next) return;
    event.preventDefault();
    next()?.focus();
  });
  document.addEventListener("focusin", (event) => {
    const link = event.target.closest?.(".diary td a");
    if (!link) return;
    current = link.id;
    rove();
  });

  rove();
  moveNow();
  const now = document.querySelector(".diary tr.now"), box = scroller();
  if (now && box) {
    // A little before now, and on the hour.
    const hours = [...document.querySelectorAll(".diary tr.hour")].filter((row) => row.offsetTop < now.offsetTop - box.clientHeight / 4);
    const first = hours.pop();
    if (first) box.scrollTop = first.offsetTop - document.querySelector(".diary thead").offsetHeight - 10;
  }
})();
