// Two photos under one slider, or one over the other and lined up. Without this file they stand side by side.
// Only the view changes: nothing is sent, and the photos stay as they are.

document.querySelectorAll("[data-compare]").forEach((card) => {
  const stage = card.querySelector("[data-stage]");
  const over = card.querySelector("[data-over]");
  const moved = card.querySelector("[data-moved]");
  const line = card.querySelector("[data-line]");
  const ways = card.querySelectorAll("input[name=way]");
  const dials = Object.fromEntries(Array.from(card.querySelectorAll("input[type=range]"), (dial) => [dial.id, dial]));
  const alignment = ["across", "down", "turn", "scale"];

  const value = (name) => Number(dials[name].value);
  const way = () => card.querySelector("input[name=way]:checked").value;

  function show() {
    const chosen = way();
    stage.dataset.way = chosen;
    card.querySelectorAll("[data-dials]").forEach((group) => {
      group.hidden = !group.dataset.dials.split(" ").includes(chosen);
    });
    Object.values(dials).forEach((dial) => {
      const words = `${Number(dial.value)} ${dial.dataset.unit}`;
      dial.nextElementSibling.value = words;
      dial.setAttribute("aria-valuetext", words);
    });
    // Through the style object: the page's policy allows no style attribute, and this is none.
    const aligned = chosen !== "side";
    moved.style.transform = aligned
      ? `translate(${value("across")}%, ${value("down")}%) rotate(${value("turn")}deg) scale(${value("scale") / 100})`
      : "";
    over.style.clipPath = chosen === "slider" ? `inset(0 0 0 ${value("divide")}%)` : "";
    over.style.opacity = chosen === "overlay" ? String(value("opacity") / 100) : "";
    line.hidden = chosen !== "slider";
    line.style.insetInlineStart = `${value("divide")}%`;
  }

  function set(name, to) {
    dials[name].value = to;
    show();
  }

  // Beside the dials, by pointer: the line is pulled, the upper photo pushed.
  let from = null;
  stage.addEventListener("pointerdown", (event) => {
    if (way() === "side" || event.button !== 0) return;
    from = { x: event.clientX, y: event.clientY, across: value("across"), down: value("down") };
    stage.setPointerCapture(event.pointerId);
    pull(event);
  });
  stage.addEventListener("pointermove", (event) => { if (from) pull(event); });
  ["pointerup", "pointercancel"].forEach((end) => stage.addEventListener(end, () => { from = null; }));

  function pull(event) {
    const box = stage.getBoundingClientRect();
    if (way() === "slider") {
      set("divide", ((event.clientX - box.left) / box.width) * 100);
    } else {
      set("across", from.across + ((event.clientX - from.x) / moved.offsetWidth) * 100);
      set("down", from.down + ((event.clientY - from.y) / moved.offsetHeight) * 100);
    }
  }

  card.querySelector("[data-as-taken]").addEventListener("click", () => {
    alignment.forEach((name) => { dials[name].value = dials[name].defaultValue; });
    show();
  });
  ways.forEach((one) => one.addEventListener("change", show));
  Object.values(dials).forEach((dial) => dial.addEventListener("input", show));
  card.querySelectorAll("[data-script-only]").forEach((part) => { part.hidden = false; });
  show();
});

document.querySelectorAll("[data-print]").forEach((button) => {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
});
