// Shared desks: who has done nothing for a while is signed out. A minute before, the page says so; what is typed and not yet
// sent is kept on the server for the same person. Without this file the session ends all the same, and a form that is sent
// after that is kept too.
(() => {
  const { idleLeft, idleSignIn } = document.body.dataset;
  if (!idleLeft) return;
  const TICK = 1000, WARNED = 60_000, BEAT = 60_000;
  const background = { "X-Background": "1", Accept: "application/json" };
  const token = () => JSON.parse(document.body.getAttribute("hx-headers"));
  const started = Date.now();
  let ends = started + Number(idleLeft) * 1000;
  // A setting of a minute or two leaves less to warn in.
  const warnedBefore = Math.min(WARNED, (ends - started) / 2);
  let spoken = started, active = false, asking = false, over = false, typedIn = null, box = null;

  const ask = async (address, options) => {
    const answer = await fetch(address, options);
    if (!answer.ok) throw new Error(String(answer.status));
    return answer.json();
  };

  // --- Somebody is there ----------------------------------------------------------------------------------------------
  ["keydown", "pointerdown", "input", "wheel", "touchmove"].forEach((kind) =>
    document.addEventListener(kind, (event) => {
      // While the warning stands its button is the way to stay, so that a bump of the mouse holds nothing open.
      if (box) return;
      active = true;
      const form = kind === "input" && event.target.form;
      if (form && form.method === "post") typedIn = form;
    }, { capture: true, passive: true }));

  async function stay() {
    spoken = Date.now();
    active = false;
    const { left } = await ask("/signed-in/stay/", { method: "POST", headers: { ...token(), Accept: "application/json" } });
    ends = Date.now() + left * 1000;
    if (left > 0) hide();
  }

  // --- The warning ----------------------------------------------------------------------------------------------------
  function warn() {
    if (box) return;
    box = document.createElement("div");
    box.className = "idle-warning note warning with-action";
    box.setAttribute("role", "alertdialog");
    box.setAttribute("aria-labelledby", "idle-words");
    const words = document.createElement("p");
    words.id = "idle-words";
    words.setAttribute("role", "alert");
    const button = document.createElement("button");
    button.type = "button";
    button.className = "button primary";
    button.textContent = "Stay signed in";
    button.addEventListener("click", () => stay().catch(() => say("The server does not answer. What you typed stays on this page.")));
    box.append(words, button);
    document.body.append(box);
    const seconds = Math.round((ends - Date.now()) / 1000);
    say(seconds > 45 ? "You will be signed out in 1 minute." : "You will be signed out in less than a minute.");
  }

  function say(words) { if (box) box.querySelector("p").textContent = words; }

  function hide() {
    if (!box) return;
    const had = box.contains(document.activeElement);
    box.remove();
    box = null;
    if (had) document.getElementById("main").focus();
  }

  // --- The end --------------------------------------------------------------------------------------------------------
  const isTyped = (field) =>
    field.type === "checkbox" || field.type === "radio" ? field.checked !== field.defaultChecked
      : field.options ? [...field.options].some((option) => option.selected !== option.defaultSelected)
        : field.type !== "hidden" && "defaultValue" in field && field.value !== field.defaultValue;

  function unsent() {
    // A record that is kept as it is typed needs no second copy; who they are is never kept.
    const may = (form) => form.method === "post" && !form.dataset.draftUrl && !form.querySelector("[type=password]");
    const forms = [...document.querySelectorAll("main form")].filter((form) => may(form) && [...form.elements].some(isTyped));
    return forms.includes(typedIn) ? typedIn : forms[0];
  }

  async function leave() {
    over = true;
    let back = location.pathname + location.search;
    const form = unsent();
    if (form) {
      const typed = new FormData(form);
      [...typed.entries()].forEach(([name, value]) => { if (typeof value !== "string") typed.delete(name); });
      const path = new URL(form.getAttribute("action") || "", location.href);
      const address = `/signed-in/keep/?path=${encodeURIComponent(path.pathname + path.search)}`;
      const headers = { ...background, ...token() };
      back = (await ask(address, { method: "POST", headers, body: new URLSearchParams(typed) })).address;
    }
    location.assign(`${idleSignIn}?next=${encodeURIComponent(back)}`);
  }

  async function look() {
    // Somebody may have been busy in another window of this browser: the server knows.
    const { left } = await ask("/signed-in/left/", { headers: background });
    ends = Date.now() + left * 1000;
    if (left * 1000 > warnedBefore) { hide(); return; }
    if (left > 0) warn(); else await leave();
  }

  async function tick() {
    const now = Date.now();
    if (over || asking) return;
    asking = true;
    try {
      if (active && now < ends && now - spoken > BEAT) await stay();
      else if (now >= ends || (!box && ends - now <= warnedBefore)) await look();
    } catch (error) {
      if (Date.now() >= ends) {
        warn();
        say(over ? "You are signed out, and what you typed could not be kept. It stays on this page: sign in in another window."
          : "You are signed out, and the server does not answer. What you typed stays on this page.");
      }
    } finally {
      asking = false;
    }
  }

  setInterval(tick, TICK);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) tick(); });
})();
