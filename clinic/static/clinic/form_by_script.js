// A form with photos, sent by a script: with a progress bar, and on a lost network nothing of it is lost. Refused, it stands
// anew on the same page with the server's words, what was typed and the photos that were chosen. Its `once` makes a second
// try safe. Comes after photo_rows.js; without this file the browser sends the form.

(() => {
  const BY_SCRIPT = "X-Sent-By-Script";
  const TOO_LONG = 180_000;
  const box = document.querySelector('form[data-by-script] [data-stays="photos"]');
  if (!box) return;
  const rows = new PhotoRows(box);
  let form, button, said, bar, words;
  let sending = false;
  let lost = false;
  let isOldToken = false;

  function begin() {
    form = document.querySelector("form[data-by-script]");
    button = form.querySelector(".keep-in-sight button[type=submit]");
    said = form.querySelector("[data-sending]");
    words = button.textContent;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (!sending) send();
    });
  }

  function say(sentence, trouble = false) {
    said.textContent = sentence;
    said.classList.toggle("trouble", trouble);
  }

  function busy(now) {
    sending = now;
    // Not `disabled`: that would take the focus away from whoever pressed it by keyboard.
    button.toggleAttribute("aria-disabled", now);
    if (now) button.setAttribute("aria-disabled", "true");
    bar?.remove();
    bar = null;
  }

  function lose(sentence) {
    busy(false);
    lost = true;
    button.textContent = "Try again";
    say(sentence, true);
  }

  // In the header alone, so that the second try of a form is the same form to the server also after a new sign-in.
  async function token() {
    const field = document.querySelector("form[data-by-script] [name=csrfmiddlewaretoken]");
    if (isOldToken) {
      const page = await (await fetch(location.href, { headers: { "X-Background": "1" } })).text();
      const fresh = new DOMParser().parseFromString(page, "text/html").querySelector("form[data-by-script] [name=csrfmiddlewaretoken]");
      if (fresh) field.value = fresh.value;
    }
    isOldToken = false;
    return field.value;
  }

  async function send() {
    busy(true);
    lost = false;
    const photos = rows.all.length;
    say(!photos ? "Sending" : photos === 1 ? "Sending, with 1 photo" : `Sending, with ${photos} photos`);
    const data = new FormData(form);
    ["csrfmiddlewaretoken", rows.name].forEach((name) => data.delete(name));
    rows.all.forEach(({ file }) => data.append(rows.name, file, file.name));
    let key;
    try { key = await token(); } catch { noConnection(); return; }
    bar = Object.assign(document.createElement("progress"), { max: 1, value: 0 });
    bar.setAttribute("aria-label", "Sent so far");
    said.after(bar);
    const request = new XMLHttpRequest();
    request.upload.addEventListener("progress", (event) => {
      if (!bar || !event.lengthComputable) return;
      bar.value = event.loaded / event.total;
      if (event.loaded === event.total) say("Sent; being kept");
    });
    request.addEventListener("load", () => answered(request));
    request.addEventListener("error", noConnection);
    request.addEventListener("timeout", () => lose("It took too long. Nothing was lost; try again."));
    request.open("POST", form.action);
    request.setRequestHeader("X-CSRFToken", key);
    request.setRequestHeader(BY_SCRIPT, "1");
    request.timeout = TOO_LONG;
    request.send(data);
  }

  function noConnection() { lose("No connection. Nothing was lost; try again."); }

  function answered(request) {
    if (request.status === 200 && request.getResponseHeader("Content-Type")?.startsWith("application/json")) {
      sending = lost = false;
      location.assign(JSON.parse(request.responseText).next);
      return;
    }
    const page = new DOMParser().parseFromString(request.responseText, "text/html");
    if (page.querySelector("form[data-by-script]")) { renew(page); return; }
    isOldToken = request.status === 200 || request.status === 403;
    const why = page.querySelector("main .reasons, main [role=alert]")?.textContent.replace(/\s+/g, " ").trim();
    if (request.status === 200) lose("Not saved: you are signed out. Sign in in another tab, then try again here; nothing was lost.");
    else if (request.status === 403) lose("Not saved. If you signed in anew in another tab, try again; nothing was lost.");
    else if (request.status === 413) lose("Not saved: too much at once. Leave some photos out, and add them afterwards.");
    else if (request.status < 500) lose(`Not saved. ${why || "The page has changed: open it anew in another tab. Nothing was lost here."}`);
    else lose("Not saved: the server did not take it. Nothing was lost; try again.");
  }

  // The server's page in place of this one, but for what it cannot know: the photos, and the camera over the last one.
  function renew(page) {
    busy(false);
    if (page.querySelector("[data-photos-kept]")) {
      const notKept = new Set([...page.querySelectorAll("[data-not-kept]")].map((one) => Number(one.dataset.notKept)));
      rows.all.filter((_, place) => !notKept.has(place)).forEach((row) => rows.leaveOut(row));
    }
    page.querySelector("[data-photos-again]")?.remove();
    const main = document.getElementById("main");
    page.querySelectorAll("[data-stays]").forEach((theirs) => {
      const ours = main.querySelector(`[data-stays="${theirs.dataset.stays}"]`);
      if (ours) theirs.replaceWith(ours);
    });
    main.replaceChildren(...page.getElementById("main").childNodes);
    document.title = page.title;
    begin();
    window.scrollTo(0, 0);
    document.dispatchEvent(new Event("page-renewed"));
    if (document.activeElement === document.body) main.focus();
    window.htmx?.process(main);
  }

  begin();

  window.addEventListener("online", () => { if (lost) say("There is a connection again. Nothing was lost; try again."); });

  // Gone back to: the browser shows the page as it was left.
  window.addEventListener("pageshow", (event) => { if (event.persisted) { busy(false); say(""); } });
  // What was chosen and not sent goes with the page.
  window.addEventListener("beforeunload", (event) => { if (sending || lost) event.preventDefault(); });
})();
