// Moving an appointment by hand. It is sent to the same page as the move form, so the same operation decides; what it
// refuses stays where it was, with the reason. The move page is the way without a pointer.
(() => {
  const NUDGE = 6, LONG_PRESS = 450, SLIP = 10, EDGE = 48;
  const ask = document.getElementById("diary-ask"), answer = document.getElementById("diary-answer");
  if (!ask) return;
  let press = null;

  // --- Taking hold -----------------------------------------------------------------------------------------------------
  document.addEventListener("pointerdown", (event) => {
    const visit = event.target.closest?.(".visit[data-move]");
    if (!visit || press || !event.isPrimary || event.button !== 0 || ask.open) return;
    press = { visit, id: event.pointerId, x: event.clientX, y: event.clientY, touch: event.pointerType === "touch", on: false, target: null };
    // A finger that stays is meant for the appointment; one that goes on scrolls the page.
    if (press.touch) press.timer = setTimeout(take, LONG_PRESS);
  });
  document.addEventListener("pointermove", (event) => {
    if (!press || event.pointerId !== press.id) return;
    const far = Math.hypot(event.clientX - press.x, event.clientY - press.y);
    if (!press.on && press.touch && far > SLIP) return drop();
    if (!press.on && !press.touch && far > NUDGE) take();
    if (press.on) carry(event.clientX, event.clientY);
  });
  document.addEventListener("pointerup", (event) => {
    if (!press || event.pointerId !== press.id) return;
    const { visit, target, on } = press;
    drop();
    if (!on) return;
    // The click that ends a drag opens nothing; one in the question is the answer, however quick.
    const swallow = (click) => { if (!ask.contains(click.target)) { click.preventDefault(); click.stopPropagation(); } };
    document.addEventListener("click", swallow, { capture: true, once: true });
    setTimeout(() => document.removeEventListener("click", swallow, { capture: true }), 50);
    if (target && !target.same) question(visit, target);
  });
  document.addEventListener("pointercancel", () => press && drop());
  document.addEventListener("keydown", (event) => { if (event.key === "Escape" && press) drop(); });
  document.addEventListener("contextmenu", (event) => { if (press && press.touch) event.preventDefault(); });
  document.addEventListener("touchmove", (event) => { if (press && press.on && event.cancelable) event.preventDefault(); }, { passive: false });

  function take() {
    press.on = true;
    press.visit.classList.add("dragged");
    document.body.classList.add("diary-dragging");
    press.ghost = document.createElement("div");
    press.ghost.className = "diary-ghost";
    press.ghost.setAttribute("aria-hidden", "true");
    document.body.append(press.ghost);
    carry(press.x, press.y);
  }

  function carry(x, y) {
    press.target = under(x, y);
    press.ghost.textContent = press.target ? words(press.visit, press.target) : press.visit.dataset.patient;
    press.ghost.style.transform = `translate(${Math.min(x + 12, innerWidth - press.ghost.offsetWidth - 4)}px, ${y + 14}px)`;
    document.querySelectorAll("td.drop").forEach((cell) => cell.classList.remove("drop"));
    const cell = document.elementFromPoint(x, y)?.closest(".diary td.free");
    if (cell) cell.classList.add("drop");
    const box = document.querySelector(".diary-scroll"), edges = box.getBoundingClientRect();
    if (y > Math.min(edges.bottom, innerHeight) - EDGE) { box.scrollTop += 14; if (box.scrollHeight <= box.clientHeight) scrollBy(0, 14); }
    if (y < Math.max(edges.top, 0) + EDGE) { box.scrollTop -= 14; if (box.scrollHeight <= box.clientHeight) scrollBy(0, -14); }
    if (x > edges.right - EDGE) box.scrollLeft += 14;
    if (x < edges.left + EDGE) box.scrollLeft -= 14;
  }

  function drop() {
    clearTimeout(press.timer);
    press.visit.classList.remove("dragged");
    document.body.classList.remove("diary-dragging");
    document.querySelectorAll("td.drop").forEach((cell) => cell.classList.remove("drop"));
    press.ghost?.remove();
    press = null;
  }

  // Which column and which quarter of an hour is there; null beside the grid, or where there is no such time.
  function under(x, y) {
    const table = document.querySelector(".diary");
    const head = [...table.querySelectorAll("thead th")].find((one) => within(one, x, "left", "right"));
    const row = [...table.tBodies[0].rows].find((one) => within(one.cells[0], y, "top", "bottom"));
    if (!head || !row) return null;
    const times = row.dataset.times.split(" "), column = Number(head.dataset.column);
    const at = times[column] || times[0];
    if (at === "-") return null;
    const cell = press.visit.closest("td");
    return {
      at, label: row.cells[0].textContent.trim().slice(0, 5), name: head.dataset.name, practitioner: head.dataset.practitioner,
      other: Number(cell.dataset.column) !== column,
      same: Number(cell.dataset.column) === column && row === cell.parentElement,
    };
  }

  function within(element, at, from, to) {
    const edges = element.getBoundingClientRect();
    return edges.width > 0 && at >= edges[from] && at < edges[to];
  }

  function words(visit, target) {
    const isWeek = document.querySelector(".diary.of-week") !== null;
    if (isWeek) return `${target.name}, ${target.label}`;
    return target.other ? `${target.label} with ${target.name}` : target.label;
  }

  // --- Asking and sending ----------------------------------------------------------------------------------------------
  function question(visit, target) {
    document.getElementById("diary-question").textContent = `Move ${visit.dataset.patient} to ${words(visit, target)}?`;
    ask.returnValue = "";
    ask.showModal();
    ask.addEventListener("close", () => { if (ask.returnValue === "move") send(visit, target); }, { once: true });
  }
  ask.addEventListener("click", (event) => { const button = event.target.closest("button"); if (button) ask.close(button.value); });

  async function send(visit, target) {
    // As the button of a free time on the move page says it: when, with whom, where.
    const chosen = [target.at, target.practitioner || visit.dataset.practitioner, visit.dataset.room || ""].join(" ");
    const form = new URLSearchParams({ chosen });
    form.set("once", `${Date.now()}-${Math.random().toString(16).slice(2)}`);
    visit.classList.add("sent");
    let reply, page;
    try {
      reply = await fetch(`${visit.href}move/`, { method: "POST", body: form, headers: JSON.parse(document.body.getAttribute("hx-headers")) });
      page = new DOMParser().parseFromString(await reply.text(), "text/html");
    } catch {
      reply = null;
    }
    visit.classList.remove("sent");
    if (reply && reply.ok && reply.redirected && !reply.url.includes("/accounts/")) moved(visit, page);
    else refused(visit, reply, page);
    htmx.trigger(document.getElementById("diary"), "diary:look");
  }

  function moved(visit, page) {
    const said = [...page.querySelectorAll("main [role=status] .note")];
    show("success", ...(said.length ? said.map((note) => document.adoptNode(note)) : [line(`${visit.dataset.patient} was moved.`)]));
  }

  function refused(visit, reply, page) {
    let reasons = ["There is no connection. Try again."];
    if (reply) {
      const told = [...page.querySelectorAll("main [role=alert] p:not(.muted), main [role=alert] li")].map((one) => one.textContent.trim());
      reasons = told.length ? [...new Set(told)] : ["Open it to see why."];
      if (reply.url.includes("/accounts/")) reasons = ["You have been signed out."];
    }
    const links = line("");
    links.append(link(visit.href, `Open the appointment of ${visit.dataset.patient}`), " · ", link(`${visit.href}move/`, "See its free times"));
    show("error", line(`Not moved: ${visit.dataset.patient} stays where it was.`, "b"), ...reasons.map((one) => line(one)), links);
  }

  function link(address, text) {
    const made = document.createElement("a");
    made.href = address;
    made.textContent = text;
    return made;
  }

  function line(text, inside) {
    const made = document.createElement("p"), within = inside ? made.appendChild(document.createElement(inside)) : made;
    within.textContent = text;
    return made;
  }

  function show(kind, ...parts) {
    const close = document.createElement("button");
    close.type = "button";
    close.className = "button";
    close.textContent = "Close";
    close.addEventListener("click", () => { answer.hidden = true; });
    answer.className = `note ${kind} diary-answer`;
    answer.replaceChildren(...parts, close);
    answer.hidden = false;
  }
})();
