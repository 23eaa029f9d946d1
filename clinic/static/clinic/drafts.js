// What is typed is kept on the server as it is typed: a second after the last key, and whenever the page goes out of sight.
// Another device shows it again. Nothing is kept in the browser (localStorage): a clinic's phones and tablets are shared,
// and what is stored there outlives the sign-out. Without this file the Save button keeps everything, as before.
(() => {
  const form = document.querySelector("form#session-form[data-draft-url]");
  if (!form) return;
  const line = form.querySelector("[data-kept]") || form.appendChild(
    Object.assign(document.createElement("p"), { className: "kept" }),
  );
  line.setAttribute("role", "status");
  line.setAttribute("aria-live", "polite");

  const WAIT = 1000;
  const AGAIN = 5000;
  let timer = 0;
  let sending = null;
  let over = false;
  let asked = false; // pressed, and not known yet whether the server is there
  let goes = false;

  function typed() {
    const data = new FormData(form);
    [...data.entries()].forEach(([name, value]) => { if (typeof value !== "string") data.delete(name); });
    return data;
  }

  const unsent = new Set(["csrfmiddlewaretoken", "once"]);
  const written = (data) => JSON.stringify([...data.entries()].filter(([name]) => !unsent.has(name)));
  let kept = written(typed());

  function say(words, trouble = false) {
    line.textContent = words;
    line.classList.toggle("trouble", trouble);
  }

  function later(wait) {
    clearTimeout(timer);
    timer = setTimeout(keep, wait);
  }

  async function keep() {
    if (over) return;
    if (sending || asked) { later(WAIT); return; }
    const data = typed();
    const now = written(data);
    if (now === kept) return;
    sending = new AbortController();
    try {
      const answer = await fetch(form.dataset.draftUrl, {
        method: "POST", body: data, redirect: "manual", signal: sending.signal,
      });
      if (answer.status === 204) {
        kept = now;
        say(`Kept at ${answer.headers.get("Kept-At")}, not yet saved to the record.`);
      } else if (answer.type === "opaqueredirect" || answer.status === 403) {
        say("Not kept: you are signed out. Sign in in another tab; what is typed stays on this page.", true);
        later(AGAIN);
      } else if (answer.status === 409 || answer.status === 422) {
        over = answer.status === 409;
        say(`Not kept. ${await answer.text()}`, true);
      } else {
        say("Not kept: the server did not take it. Trying again.", true);
        later(AGAIN);
      }
    } catch (error) {
      if (!over && !asked) {
        say("Not kept: no connection. It is tried again; what is typed stays on this page.", true);
        later(AGAIN);
      }
    } finally {
      sending = null;
    }
  }

  // The last chance before the phone sleeps or the page is left: nothing waits for an answer here.
  function keepLeaving() {
    if (over) return;
    const data = typed();
    const now = written(data);
    if (now === kept) return;
    clearTimeout(timer);
    if (navigator.sendBeacon(form.dataset.draftUrl, data)) kept = now;
  }

  form.addEventListener("input", () => later(WAIT));
  form.addEventListener("change", () => later(WAIT));
  // Rows that a script adds or empties say nothing by themselves.
  form.addEventListener("click", () => later(WAIT));
  document.addEventListener("visibilitychange", () => { if (document.visibilityState === "hidden") keepLeaving(); });
  window.addEventListener("pagehide", keepLeaving);
  window.addEventListener("online", () => later(0));
  // A form that a browser sends into a lost network is replaced by the browser's own error page, and what was typed since the
  // network went is gone with it. So the draft goes first: only once the server has it, the form follows, with the same button.
  const PATIENCE = 15_000;
  const AWAY = [502, 503, 504];

  // Does the server answer? What it keeps already is not sent again: a draft of nothing typed would stand there as one.
  async function reached() {
    const data = typed();
    const signal = AbortSignal.timeout(PATIENCE);
    if (written(data) === kept) return fetch("/healthz", { cache: "no-store", signal });
    const answer = await fetch(form.dataset.draftUrl, { method: "POST", body: data, redirect: "manual", signal });
    if (answer.status === 204) kept = written(data);
    return answer;
  }

  async function sendSafely(button) {
    asked = true;
    clearTimeout(timer);
    sending?.abort();
    say("Saving.");
    let trouble = "";
    try {
      if (AWAY.includes((await reached()).status)) trouble = "the server does not answer";
    } catch {
      trouble = "no connection";
    }
    asked = false;
    if (trouble) {
      say(`Not saved: ${trouble}. What you typed stays here; try again.`, true);
      later(AGAIN);
      return;
    }
    // Whatever else it answered, signed out or signed by somebody else, the form's own answer says better. Once it is sent for
    // good, a draft that arrives later would stand beside the saved record.
    over = goes = true;
    clearTimeout(timer);
    form.requestSubmit(button);
  }

  form.addEventListener("submit", (event) => {
    if (goes) return;
    event.preventDefault();
    if (!asked) sendSafely(event.submitter);
  });
  window.addEventListener("pageshow", (event) => { if (event.persisted) over = goes = false; });
})();
