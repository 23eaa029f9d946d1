// Photos one at a time, each with a preview, its progress and a way to try again. Without this file the form is sent whole.
// Comes after photo_rows.js.

document.querySelectorAll("form[data-upload]").forEach((form) => {
  const rows = new PhotoRows(form);
  const button = form.querySelector("button[type=submit]");
  let sending = false;

  const { element } = PhotoRows;

  function send(upload) {
    return new Promise((resolve) => {
      const data = new FormData(form);
      data.delete(rows.name);
      data.append(rows.name, upload.file, upload.file.name);
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
        if (upload.lost) rows.offer(upload, "Try again", () => sendAll([upload]));
        if (!upload.kept) rows.offerLeaveOut(upload);
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
    if (next && rows.all.every((upload) => upload.kept)) location.assign(next);
  }

  form.addEventListener("submit", (event) => {
    if (!rows.all.length) return;
    event.preventDefault();
    sendAll(rows.all.filter((upload) => !upload.kept));
  });

  // Back in the building: what was lost on the way goes by itself.
  window.addEventListener("online", () => {
    const lost = rows.all.filter((upload) => upload.lost);
    if (lost.length) sendAll(lost);
  });

  // Photos that were never sent are gone with the page.
  window.addEventListener("beforeunload", (event) => {
    if (rows.all.some((upload) => !upload.kept && (upload.lost || sending))) event.preventDefault();
  });
});
