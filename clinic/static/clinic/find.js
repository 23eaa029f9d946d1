// Patients as they are typed: a list under the field (WAI-ARIA's combobox with a listbox). Without this file the field's
// form is sent and answers with a page of them.

const WAIT = 200;
const SHORTEST = 2;
let count = 0;

function element(name, properties, ...inside) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...inside);
  return made;
}

function set(node, attributes) {
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
}

class Finder {
  constructor(input) {
    this.input = input;
    this.id = `found-${(count += 1)}`;
    this.list = element("ul", { id: this.id, className: "found", hidden: true });
    set(this.list, { role: "listbox", "aria-label": "Patients found" });
    this.told = element("span", { className: "hidden-words" });
    set(this.told, { role: "status" });
    input.after(this.list, this.told);
    set(input, { role: "combobox", "aria-expanded": "false", "aria-controls": this.id, "aria-autocomplete": "list" });
    input.addEventListener("input", () => this.later());
    input.addEventListener("keydown", (event) => this.key(event));
    input.addEventListener("blur", () => this.close());
    // The field keeps the focus while the list is clicked.
    this.list.addEventListener("mousedown", (event) => event.preventDefault());
    this.list.addEventListener("click", (event) => this.go(event.target.closest("[role=option]")));
  }

  get options() { return [...this.list.querySelectorAll("[role=option]")]; }

  get active() { return this.options.findIndex((one) => one.getAttribute("aria-selected") === "true"); }

  later() {
    clearTimeout(this.timer);
    this.asked?.abort();
    const text = this.input.value.trim();
    if (text.length < SHORTEST) { this.close(); return; }
    this.timer = setTimeout(() => this.ask(text), WAIT);
  }

  async ask(text) {
    this.asked = new AbortController();
    const address = `${this.input.dataset.find}?q=${encodeURIComponent(text)}`;
    try {
      const answer = await fetch(address, { signal: this.asked.signal, headers: { Accept: "application/json" } });
      if (!answer.ok || answer.redirected) { this.close(); return; }
      this.show(await answer.json());
    } catch (error) {
      if (error.name !== "AbortError") this.close();
    }
  }

  show({ patients, more }) {
    this.list.replaceChildren(...patients.map((one, number) => this.option(one, number)));
    if (document.activeElement !== this.input) return;
    const some = patients.length > 0;
    this.open(some);
    this.choose(-1);
    const all = more ? ` Enter shows all.` : "";
    this.told.textContent = some ? `${patients.length} found.${all}` : "Nobody is found.";
    // Seen as well as heard: an empty list says nothing to the eye.
    this.told.className = some ? "hidden-words" : "find-none";
  }

  option(one, number) {
    const facts = element("span", { className: "facts" }, ...[one.born, one.number, one.phone].filter(Boolean).map((text) => element("span", { textContent: text })));
    const made = element("li", { id: `${this.id}-${number}` }, element("b", { textContent: one.name }), " ", facts);
    set(made, { role: "option", "aria-selected": "false" });
    const query = this.input.dataset.findQuery;
    made.dataset.href = this.input.dataset.findGoes === "book" ? one.book + (query ? `?${query}` : "") : one.chart;
    return made;
  }

  open(some) {
    this.list.hidden = !some;
    this.input.setAttribute("aria-expanded", String(some));
  }

  close() {
    clearTimeout(this.timer);
    this.asked?.abort();
    this.told.textContent = "";
    this.told.className = "hidden-words";
    this.open(false);
    this.choose(-1);
  }

  choose(number) {
    this.options.forEach((one, at) => one.setAttribute("aria-selected", String(at === number)));
    const chosen = this.options[number];
    if (chosen) {
      this.input.setAttribute("aria-activedescendant", chosen.id);
      chosen.scrollIntoView({ block: "nearest" });
    } else {
      this.input.removeAttribute("aria-activedescendant");
    }
  }

  key(event) {
    if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
    const { options, active, list } = this;
    if (event.key === "Escape" && !list.hidden) {
      event.preventDefault();
      this.close();
    } else if ((event.key === "ArrowDown" || event.key === "ArrowUp") && options.length > 0) {
      event.preventDefault();
      this.open(true);
      const step = event.key === "ArrowDown" ? 1 : -1;
      const from = active === -1 && step === -1 ? options.length : active;
      this.choose((from + step + options.length) % options.length);
    } else if (event.key === "Enter" && !list.hidden && active !== -1) {
      event.preventDefault();
      this.go(options[active]);
    }
  }

  go(option) {
    if (option) window.location.assign(option.dataset.href);
  }
}

document.querySelectorAll("input[data-find]").forEach((input) => new Finder(input));
