// Photos one at a time, each with a preview, its progress and a way to try again. Without this file the form is sent whole.

document.querySelectorAll("form[data-upload]").forEach((form) => {
  const input = form.querySelector("input[type=file]");
  const list = form.querySelector("[data-uploads]");
  const button = form.querySelector("button[type=submit]");
  let uploads = [];

  const element = (name, properties) => Object.assign(document.createElement(name), properties);

  function show(file) {
    const item = element("li");
    const image = element("img", { src: URL.createObjectURL(file), alt: "", width: 64, height: 64 });
    // What a browser cannot show, as HEIC, is a photo all the same.
    image.addEventListener("error", () => { image.removeAttribute("src"); });
    const words = element("div", { className: "words" });
    const state = element("span", { className: "small muted", textContent: "Ready to send" });
    words.append(element("b", { textContent: file.name }), state);
    item.append(image, words);
    list.append(item);
    return { file, item, words, state, kept: false, wrong: false };
  }

  function clear() {
    uploads.forEach((upload) => URL.revokeObjectURL(upload.item.querySelector("img").src));
    list.replaceChildren();
    uploads = [];
  }

  function send(upload) {
    return new Promise((resolve) => {
      const data = new FormData(form);
      data.delete(input.name);
      data.append(input.name, upload.file, upload.file.name);
      const request = new XMLHttpRequest();
      const bar = element("progress", { max: 1, value: 0 });
      bar.setAttribute("aria-label", `Sending ${upload.file.name}`);
      upload.item.querySelector("button")?.remove();
      upload.state.className = "small muted";
      upload.state.textContent = "Sending";
      upload.words.append(bar);
      request.upload.addEventListener("progress", (event) => {
        if (event.lengthComputable) bar.value = event.loaded / event.total;
        if (event.loaded === event.total) upload.state.textContent = "Sent; being checked";
      });
      // What was answered about the file itself stands; only what never got an answer is worth trying again.
      const end = (why, next, again = false) => {
        bar.remove();
        upload.kept = !why;
        upload.state.className = why ? "wrong" : "small muted";
        upload.state.textContent = why || "Kept";
        if (again) offer(upload);
        resolve(next);
      };
      request.addEventListener("load", () => {
        let answer = null;
        try { answer = JSON.parse(request.responseText); } catch { /* a page: signed out, or turned away before us */ }
        if (request.status === 200 && answer) end("", answer.next);
        else if (answer) end(answer.problems.join(" ") || "Not kept.");
        else if (request.status === 413) end("The photo is too large.");
        else end("Not kept: reload the page, sign in again if asked, and try again.", "", true);
      });
      request.addEventListener("error", () => end("No connection; it was not kept. Try again when there is one.", "", true));
      request.addEventListener("timeout", () => end("It took too long. Try again.", "", true));
      request.open("POST", form.action);
      request.setRequestHeader("Accept", "application/json");
      request.timeout = 180000;
      request.send(data);
    });
  }

  function offer(upload) {
    const again = element("button", { type: "button", className: "button", textContent: "Try again" });
    again.append(element("span", { className: "hidden-words", textContent: `: ${upload.file.name}` }));
    again.addEventListener("click", () => sendAll([upload]));
    upload.item.append(again);
  }

  async function sendAll(chosen) {
    if (form.dataset.sending) return;
    form.dataset.sending = "yes";
    button.disabled = true;
    let next = "";
    for (const upload of chosen) next = (await send(upload)) || next;
    button.disabled = false;
    delete form.dataset.sending;
    if (next && uploads.every((upload) => upload.kept)) location.assign(next);
  }

  input.addEventListener("change", () => {
    clear();
    uploads = [...input.files].map(show);
  });

  form.addEventListener("submit", (event) => {
    if (!uploads.length) return;
    event.preventDefault();
    sendAll(uploads.filter((upload) => !upload.kept));
  });
});
