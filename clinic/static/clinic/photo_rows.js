// The photos chosen on a form, each with a preview and a way to leave it out: for photos.js, which sends them one at a time,
// and for form_by_script.js, which sends them with their form. Comes before either. `box` holds the file fields and the list.

class PhotoRows {
  constructor(box) {
    this.box = box;
    this.inputs = [...box.querySelectorAll("input[type=file]")];
    this.name = this.inputs[0].name;
    this.list = box.querySelector("[data-uploads]");
    box.querySelector("fieldset").classList.add("listed");
    this.all = [];
    this.inputs.forEach((input) => input.addEventListener("change", () => {
      [...input.files].forEach((file) => this.add(file));
      // So that the camera can be opened again, and that the form does not send them a second time.
      input.value = "";
    }));
    // From the camera over an earlier photo (camera.js).
    box.addEventListener("photo-taken", (event) => this.add(event.detail.file, event.detail.at));
  }

  static element(tag, properties) { return Object.assign(document.createElement(tag), properties); }

  // `at` is when the page's own camera took it, on the clock that only ever goes forward.
  add(file, at = null) {
    const { element } = PhotoRows;
    const item = element("li");
    const image = element("img", { src: URL.createObjectURL(file), alt: "", width: 64, height: 64 });
    // What a browser cannot show, as HEIC, is a photo all the same.
    image.addEventListener("error", () => { image.removeAttribute("src"); });
    const words = element("div", { className: "words" });
    const state = element("span", { className: "small muted", textContent: "Ready to send" });
    words.append(element("b", { textContent: file.name }), state);
    const actions = element("div", { className: "actions" });
    item.append(image, words, actions);
    this.list.append(item);
    const row = { file, at, item, words, state, actions, kept: false, lost: false };
    this.offerLeaveOut(row);
    this.all.push(row);
  }

  offer(row, words, act) {
    const { element } = PhotoRows;
    const one = element("button", { type: "button", className: "button", textContent: words });
    one.append(element("span", { className: "hidden-words", textContent: `: ${row.file.name}` }));
    one.addEventListener("click", act);
    row.actions.append(one);
  }

  offerLeaveOut(row) {
    this.offer(row, "Leave out", () => {
      // Whoever came by keyboard stands at the next one, not at the top of the page.
      const next = (row.item.nextElementSibling ?? row.item.previousElementSibling)?.querySelector("button") ?? this.inputs[0];
      this.leaveOut(row);
      next.focus();
    });
  }

  leaveOut(row) {
    URL.revokeObjectURL(row.item.querySelector("img").src);
    row.item.remove();
    this.all = this.all.filter((one) => one !== row);
  }
}
