// The body map: a region chosen on it fills the form's fields, and what they say is marked on it. Comes after
// body_map_places.js (the fields) and body_map_view.js (the pictures).
// Without this file the fields do it alone, and the map is a picture.

const SVG = "http://www.w3.org/2000/svg";
const PULLED = 6; // how far a point is pulled before it moves, in pixels; less is a tap
const STEP = 4; // how far an arrow key moves a point, in the units of the picture; with Shift, one
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

const drawn = (name, attributes, ...children) => {
  const element = document.createElementNS(SVG, name);
  Object.entries(attributes).forEach(([key, value]) => element.setAttribute(key, value));
  element.append(...children);
  return element;
};

class BodyMap {
  constructor(root) {
    this.root = root;
    this.form = root.closest("form");
    this.places = root.dataset.bodyMap === "rows" ? new Rows(this.form, root.dataset.prefix) : new OnePlace(this.form);
    this.views = [...root.querySelectorAll("[data-view]")].map((box) => new View(box));
    this.said = root.querySelector("[data-said]");
    this.points = false;
    root.dataset.live = "";
    root.querySelectorAll("[data-tools], #bm-help").forEach((element) => { element.hidden = false; });
    this.views.forEach((view) => this.wake(view));
    this.tabs = [...root.querySelectorAll("[data-tab]")];
    this.tabs.forEach((tab) => tab.addEventListener("click", () => this.show(tab.dataset.tab)));
    this.ways = [...root.querySelectorAll("[data-how]")];
    this.ways.forEach((way) => way.addEventListener("click", () => this.mark(way.dataset.how)));
    this.form.addEventListener("change", (event) => { if (event.isTrusted) this.settle(event.target); this.draw(); });
    this.form.addEventListener("reset", () => setTimeout(() => this.draw()));
    window.addEventListener("pageshow", () => this.draw());
    const first = this.places.all.map((place) => this.shown(place)).find((one) => one.view);
    this.show(first?.view.code ?? this.views[0].code);
    this.draw();
  }

  wake(view) {
    view.svg.setAttribute("role", "none");
    view.list.setAttribute("role", "listbox");
    view.list.setAttribute("aria-label", view.svg.getAttribute("aria-label"));
    view.list.setAttribute("aria-describedby", "bm-help");
    view.list.setAttribute("aria-orientation", "vertical");
    if (this.places instanceof Rows) view.list.setAttribute("aria-multiselectable", "true");
    view.svg.removeAttribute("aria-label");
    view.regions.forEach((region, n) => {
      region.setAttribute("role", "option");
      region.setAttribute("tabindex", n ? -1 : 0);
      region.append(drawn("title", {}, region.dataset.name));
    });
    view.svg.addEventListener("pointerdown", (event) => this.grip(event, view));
    view.svg.addEventListener("pointermove", (event) => this.pull(event, view));
    view.svg.addEventListener("click", (event) => this.tap(event, view));
    view.list.addEventListener("keydown", (event) => this.key(event, view));
    view.marks.addEventListener("keydown", (event) => this.move(event, view));
    // Not on the list itself: Chromium lets the Tab key stop at a part of a picture that listens for the focus.
    ["focusin", "focusout"].forEach((kind) => view.box.addEventListener(kind, () => this.ring(view)));
  }

  // A point is held: pulled it moves, let go where it was it is taken away. It is drawn anew as it moves, so the picture keeps hold.
  grip(event, view) {
    const number = event.target.closest("[data-number]")?.dataset.number;
    this.held = number ? { number: Number(number), from: [event.clientX, event.clientY], moved: false } : null;
    if (number) view.svg.setPointerCapture(event.pointerId);
  }

  pull(event, view) {
    if (!this.held || !event.buttons) return;
    const [x, y] = this.held.from;
    this.held.moved ||= Math.hypot(event.clientX - x, event.clientY - y) > PULLED;
    if (this.held.moved) this.moveTo(view, this.numbered(this.held.number), view.where(event));
  }

  tap(event, view) {
    const { held } = this;
    this.held = null;
    const number = held?.number ?? event.target.closest("[data-number]")?.dataset.number;
    if (number) {
      if (!held?.moved) this.takeAway(view, this.numbered(number));
      return;
    }
    const region = event.target.closest(".bm-region");
    const point = region ? view.where(event) : view.near(event);
    // A screen reader's tap has no place of its own.
    if (region) this.choose(view, region, view.holds(region, point) ? point : view.middle(region));
    else if (point) this.choose(view, view.at(point), point);
  }

  numbered(number) { return this.places.all.find((place) => place.number === Number(number)); }

  show(code) {
    this.root.dataset.shown = code;
    this.views.forEach((view) => view.box.toggleAttribute("data-shown", view.code === code));
    this.tabs.forEach((tab) => tab.setAttribute("aria-pressed", tab.dataset.tab === code));
  }

  mark(how) {
    this.points = how === "point";
    this.ways.forEach((way) => way.setAttribute("aria-pressed", way.dataset.how === how));
  }

  say(words) { this.said.textContent = words; }

  choose(view, region, point, byKey = false) {
    const { site, side, name } = region.dataset;
    const values = { site, side, view: view.code, x: "", y: "" };
    if (this.points) [values.x, values.y] = point;
    const there = this.points ? null : this.places.all.find((place) => !place.point && this.shown(place).regions.includes(region) && place.get("side") === side);
    if (there && !this.places.bare(there)) {
      this.say(`${this.places.called(there)} is this area, with more written down. It is cleared there.`);
      return;
    }
    if (there) {
      there.clear();
      this.say(`Taken away: ${name}.`);
      this.draw();
      return;
    }
    const place = this.places.next();
    place.set(values);
    this.say(`${this.places.called(place)}: ${name}${this.points ? ", point" : ""}.`);
    this.draw();
    this.roam(view, region, false);
    if (this.points && byKey) view.marks.querySelector(`[data-number="${place.number}"]`)?.focus();
  }

  // Where a place stands: on its own view, else on the first that shows it. Nowhere, if no picture of it would be true.
  shown(place) {
    const [site, side, code] = ["site", "side", "view"].map((name) => place.get(name));
    const nowhere = { view: null, regions: [] };
    if (!site) return nowhere;
    const on = this.views.filter((view) => !code || view.code === code);
    if (place.point) return on.length === 1 ? { view: on[0], regions: [] } : nowhere;
    return on.map((view) => ({ view, regions: view.area(site, side) })).find((one) => one.regions.length) ?? nowhere;
  }

  // What was chosen by hand wins: a view or point that is no longer of this site and side goes.
  settle(field) {
    this.places.all.filter((place) => ["site", "side"].map(place.names).includes(field.name)).forEach((place) => {
      const view = this.views.find((one) => one.code === place.get("view"));
      if (!view) return;
      const region = place.point && view.at(place.point);
      if (region && region.dataset.site === place.get("site") && region.dataset.side === place.get("side")) return;
      place.set({ x: "", y: "" });
      if (!view.area(place.get("site"), place.get("side")).length) place.set({ view: "" });
    });
  }

  draw() {
    const focused = document.activeElement?.closest?.("[data-number]")?.dataset.number;
    const counts = new Map(this.views.map((view) => [view.code, 0]));
    const taken = new Map();
    this.views.forEach((view) => {
      view.marks.replaceChildren();
      view.regions.forEach((region) => {
        region.setAttribute("aria-selected", "false");
        region.setAttribute("aria-label", region.dataset.name);
      });
    });
    this.places.all.forEach((place) => {
      const { view, regions } = this.shown(place);
      if (!view) return;
      counts.set(view.code, counts.get(view.code) + 1);
      regions.forEach((region) => {
        region.setAttribute("aria-selected", "true");
        region.setAttribute("aria-label", `${region.getAttribute("aria-label")}, ${this.places.called(place).toLowerCase()}`);
        view.marks.append(this.sign(view, place, this.apart(view, taken, view.middle(region))));
      });
      if (place.point) view.marks.append(this.sign(view, place, view.units(place.point), view.at(place.point)));
    });
    this.tabs.forEach((tab) => {
      const count = counts.get(tab.dataset.tab);
      tab.querySelector("[data-count]").textContent = count ? ` · ${count}` : "";
    });
    this.views.forEach((view) => this.ring(view));
    if (focused) this.root.querySelector(`[data-number="${focused}"]`)?.focus();
  }

  apart(view, taken, middle) {
    const [x, y] = view.units(middle);
    const key = `${view.code} ${middle}`;
    taken.set(key, (taken.get(key) ?? -1) + 1);
    return [x, y + taken.get(key) * view.size * 2.2];
  }

  sign(view, place, [x, y], region = null) {
    const sign = this.places.sign(place);
    const text = drawn("text", { x, y: y + view.size * 0.42, "text-anchor": "middle", "font-size": view.size * (sign.length > 1 ? 1 : 1.25) }, sign);
    const mark = drawn("g", { class: "bm-mark site" }, drawn("circle", { cx: x, cy: y, r: view.size }), text);
    if (!place.point) {
      mark.setAttribute("aria-hidden", "true");
      return mark;
    }
    const name = `${this.places.called(place)}, point: ${region?.dataset.name ?? "beside the regions"}`;
    Object.entries({ role: "button", tabindex: 0, "data-number": place.number, "aria-label": name, "aria-describedby": "bm-help" })
      .forEach(([key, value]) => mark.setAttribute(key, value));
    mark.classList.add("point");
    mark.append(drawn("title", {}, name));
    return mark;
  }

  ring(view) {
    view.marks.querySelector(".bm-ring")?.remove();
    const region = document.activeElement;
    if (view.regions.includes(region) && region.matches(":focus-visible")) view.marks.append(drawn("path", { class: "bm-ring", d: region.getAttribute("d") }));
  }

  // One region of a view is in the order of the Tab key: the one last been at.
  roam(view, region, focus = true) {
    view.regions.forEach((one) => one.setAttribute("tabindex", one === region ? 0 : -1));
    if (focus) region.focus();
  }

  key(event, view) {
    const region = event.target.closest(".bm-region");
    if (!region || event.ctrlKey || event.metaKey || event.altKey) return;
    const last = view.regions.length - 1;
    if (event.key === "Enter" || event.key === " ") this.choose(view, region, view.middle(region), true);
    else if (event.key === "Home" || event.key === "End") this.roam(view, view.regions[event.key === "Home" ? 0 : last]);
    else if (ARROWS[event.key]) this.roam(view, this.beside(view, region, ARROWS[event.key]));
    else return;
    event.preventDefault();
  }

  // The nearest in that direction; what lies straight on counts as nearer than what lies askew.
  beside(view, region, [right, down]) {
    const [fromX, fromY] = view.units(view.middle(region));
    let best = region;
    let least = Infinity;
    view.regions.forEach((other) => {
      const [x, y] = view.units(view.middle(other));
      const ahead = (x - fromX) * right + (y - fromY) * down;
      const askew = Math.abs((x - fromX) * down) + Math.abs((y - fromY) * right);
      if (ahead > 2 && ahead + 2 * askew < least) [best, least] = [other, ahead + 2 * askew];
    });
    return best;
  }

  move(event, view) {
    const mark = event.target.closest("[data-number]");
    const place = mark && this.numbered(mark.dataset.number);
    if (!place || event.ctrlKey || event.metaKey || event.altKey) return;
    const [x, y] = view.units(place.point);
    const [right, down] = (ARROWS[event.key] ?? []).map((one) => one * (event.shiftKey ? 1 : STEP));
    if (["Delete", "Backspace", "Enter", " "].includes(event.key)) this.takeAway(view, place);
    else if (event.key === "Escape") this.roam(view, view.at(place.point) ?? view.regions[0]);
    else if (!ARROWS[event.key]) return;
    else if (!this.moveTo(view, place, view.thousandths([x + right, y + down]))) this.say("The region ends here.");
    event.preventDefault();
  }

  takeAway(view, place) {
    const region = view.at(place.point) ?? view.regions[0];
    const bare = this.places.bare(place);
    if (bare) place.clear();
    else place.set({ x: "", y: "" });
    this.draw();
    this.say(bare ? `Taken away: ${region.dataset.name}.` : `${this.places.called(place)} is now the whole area: more is written down there.`);
    this.roam(view, region);
  }

  moveTo(view, place, point) {
    const [from, to] = [view.at(place.point), view.at(point)];
    if (!to) return false;
    place.set({ site: to.dataset.site, side: to.dataset.side, x: point[0], y: point[1] });
    this.draw();
    if (to !== from) this.say(`${this.places.called(place)}: ${to.dataset.name}, point.`);
    return true;
  }
}

const wakeMaps = () => document.querySelectorAll("[data-body-map]").forEach((root) => new BodyMap(root));
wakeMaps();
// A form that was sent by a script and refused stands anew on the same page (form_by_script.js).
document.addEventListener("page-renewed", wakeMaps);
