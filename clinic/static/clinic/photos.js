// Photos one at a time, each with a preview, its progress and a way to try again. Without this file the form is sent whole.

document.querySelectorAll("form[data-upload]").forEach((form) => {
  const inputs = [...form.querySelectorAll("input[type=file]")];
  const list = form.querySelector("[data-uploads]");
  const button = form.querySelector("button[type=submit]");
  const name = inputs[0].name;
  let uploads = [];
  let sending = false;

  const element = (tag, properties) => Object.assign(document.createElement(tag), properties);

  // `at` is when the page's own camera took it, on the clock that only ever goes forward.
  function show(file, at = null) {
    const item = element("li");
    const image = element("img", { src: URL.createObjectURL(file), alt: "", width: 64, height: 64 });
    // What a browser cannot show, as HEIC, is a photo all the same.
    image.addEventListener("error", () => { image.removeAttribute("src"); });
    const words = element("div", { className: "words" });
    const state = element("span", { className: "small muted", textContent: "Ready to send" });
    words.append(element("b", { textContent: file.name }), state);
    const actions = element("div", { className: "actions" });
    item.append(image, words, actions);
    list.append(item);
    const upload = { file, at, item, words, state, actions, kept: false, lost: false };
    offer(upload, "Leave out", () => leaveOut(upload));
    uploads.push(upload);
  }

  function offer(upload, words, act) {
    const one = element("button", { type: "button", className: "button", textContent: words });
    one.append(element("span", { className: "hidden-words", textContent: `: ${upload.file.name}` }));
    one.addEventListener("click", act);
    upload.actions.append(one);
  }

  function leaveOut(upload) {
    URL.revokeObjectURL(upload.item.querySelector("img").src);
    upload.item.remove();
    uploads = uploads.filter((one) => one !== upload);
  }

  function send(upload) {
    return new Promise((resolve) => {
      const data = new FormData(form);
      data.delete(name);
      data.append(name, upload.file, upload.file.name);
      if (upload.at !== null) data.append("seconds_ago", Math.round((performance.now() - upload.at) / 1000));
      const request = new XMLHttpRequest();
      const bar = element("progress", { max: 1, value: 0 });
      bar.setAttribute("aria-label", `Sending ${upload.file.name}`);
      upload.actions.replaceChildren();
      upload.lost = false;
      upload.state.className = "small muted";
      upload.state.textContent = "Sending";
      upload.words.append(bar);
      request.upload.addEventListener("progress", (event) => {
        if (event.lengthComputable) bar.value = event.loaded / event.total;
        if (event.loaded === event.total) upload.state.textContent = "Sent; being checked";
      });
      const end = (words, next = "") => {
        bar.remove();
        upload.kept = Boolean(next);
        upload.state.className = upload.kept ? "small muted" : "wrong";
        upload.state.textContent = words;
        if (upload.lost) offer(upload, "Try again", () => sendAll([upload]));
        if (!upload.kept) offer(upload, "Leave out", () => leaveOut(upload));
        resolve(next);
      };
      // What was answered about the file itself stands; only what never got an answer is worth trying again.
      const lose = (words) => { upload.lost = true; end(words); };
      request.addEventListener("load", () => {
        let answer = null;
        try { answer = JSON.parse(request.responseText); } catch { /* a page: signed out, or turned away before us */ }
        if (request.status === 200 && answer) end(["Kept.", ...answer.notes].join(" "), answer.next);
        else if (answer && request.status === 503) lose(answer.problems.join(" "));
        else if (answer) end(answer.problems.join(" ") || "Not kept.");
        else if (request.status === 413) end("The photo is too large.");
        else lose("Not kept: reload the page, sign in again if asked, and try again.");
      });
      request.addEventListener("error", () => lose("No connection; it was not kept. Try again when there is one."));
      request.addEventListener("timeout", () => lose("It took too long. Try again."));
      request.open("POST", form.action);
      request.setRequestHeader("Accept", "application/json");
      request.timeout = 180000;
      request.send(data);
    });
  }

  async function sendAll(chosen) {
    if (sending) return;
    sending = button.disabled = true;
    let next = "";
    for (const upload of chosen) next = (await send(upload)) || next;
    sending = button.disabled = false;
    if (next && uploads.every((upload) => upload.kept)) location.assign(next);
  }

  inputs.forEach((input) => input.addEventListener("change", () => {
    [...input.files].forEach((file) => show(file));
    // So that the camera can be opened again, and that the form does not send them a second time.
    input.value = "";
    input.closest("fieldset").classList.add("listed");
  }));

  // From the camera over an earlier photo (camera.js).
  form.addEventListener("photo-taken", (event) => show(event.detail.file, event.detail.at));

  form.addEventListener("submit", (event) => {
    if (!uploads.length) return;
    event.preventDefault();
    sendAll(uploads.filter((upload) => !upload.kept));
  });

  // Back in the building: what was lost on the way goes by itself.
  window.addEventListener("online", () => {
    const lost = uploads.filter((upload) => upload.lost);
    if (lost.length) sendAll(lost);
  });

  // Photos that were never sent are gone with the page.
  window.addEventListener("beforeunload", (event) => {
    if (uploads.some((upload) => !upload.kept && (upload.lost || sending))) event.preventDefault();
  });
});
