// What the body map fills and reads: the fields of a form, as places. Comes before body_map.js.

// The fields of one place: a row of a session's sites, or the one place of a side effect.
class Place {
  constructor(form, names, number) {
    this.form = form;
    this.names = names;
    this.number = number;
  }
  field(name) { return this.form.elements[this.names(name)]; }
  get(name) { return this.field(name)?.value ?? ""; }
  get point() { return this.get("x") === "" || this.get("y") === "" ? null : [Number(this.get("x")), Number(this.get("y"))]; }
  set(values) {
    const changed = Object.keys(values).filter((name) => this.field(name) && this.get(name) !== String(values[name]));
    changed.forEach((name) => { this.field(name).value = values[name]; });
    // Others listen to what is typed: the draft, the photo guide. All fields are true before the first of them is told.
    changed.forEach((name) => {
      const field = this.field(name);
      const told = field instanceof RadioNodeList ? [...field].find((one) => one.checked) : field;
      ["input", "change"].forEach((kind) => told?.dispatchEvent(new Event(kind, { bubbles: true })));
    });
  }
  clear() { this.set({ site: "", side: "", view: "", x: "", y: "" }); }
}

class OnePlace {
  constructor(form) { this.one = new Place(form, (name) => (name === "site" || name === "side" ? name : `map_${name}`), 0); }
  get all() { return [this.one]; }
  next() { return this.one; }
  sign() { return "✓"; }
  called() { return "Chosen"; }
  bare() { return true; }
}

class Rows {
  constructor(form, prefix) { Object.assign(this, { form, prefix }); }
  get total() { return this.form.elements[`${this.prefix}-TOTAL_FORMS`]; }
  get all() {
    return Array.from({ length: Number(this.total?.value ?? 0) }, (_, n) => new Place(this.form, (name) => `${this.prefix}-${n}-${name}`, n + 1));
  }
  next() { return this.all.find((place) => !place.get("site")) ?? this.add(); }
  sign(place) { return String(place.number); }
  called(place) { return `Site ${place.number}`; }
  box(place) { return place.field("site").closest("[data-row], fieldset, tr"); }
  // Nothing but the place is written down: it can be taken away by another tap.
  bare(place) {
    const own = ["site", "side", "view", "x", "y"].map(place.names);
    return ![...this.box(place).querySelectorAll("input, select, textarea")].some((field) => field.value && !own.includes(field.name));
  }
  // A row more, from the last one. The server takes fifty and says so.
  add() {
    const last = this.all.at(-1);
    const box = this.box(last);
    const more = box.cloneNode(true);
    const [from, to] = [`${this.prefix}-${last.number - 1}-`, `${this.prefix}-${last.number}-`];
    more.querySelectorAll(".wrong").forEach((said) => said.remove());
    more.querySelectorAll("*").forEach((element) => {
      ["id", "name", "for", "aria-describedby", "aria-controls"].forEach((name) => {
        if (element.hasAttribute(name)) element.setAttribute(name, element.getAttribute(name).replaceAll(from, to));
      });
      element.removeAttribute("aria-invalid");
      if (element.matches("input, select, textarea")) element.value = "";
    });
    const words = document.createTreeWalker(more, NodeFilter.SHOW_TEXT);
    const alone = new RegExp(`\\b${last.number}\\b`);
    while (words.nextNode()) if (!words.currentNode.parentElement.closest("option")) words.currentNode.data = words.currentNode.data.replace(alone, last.number + 1);
    box.after(more);
    this.total.value = last.number + 1;
    return this.all.at(-1);
  }
}
