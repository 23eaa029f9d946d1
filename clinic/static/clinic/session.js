// The session's record: totals as they are typed, and a scanned lot put into its row without leaving the page.
// Without this file Enter in the scan field sends the form, and the server does the same.

const form = document.getElementById("session-form");

const number = (text) => Number(text.trim().replace(",", "."));

const showTotals = () => form.querySelectorAll("[data-total]").forEach((shown) => {
  const filled = [...form.querySelectorAll(`[name^="${shown.dataset.total}-"][name$="-volume_ml"]`)].map((field) => field.value).filter((text) => text.trim());
  const sum = filled.map(number).reduce((a, b) => a + b, 0);
  shown.textContent = !filled.length ? "–" : Number.isFinite(sum) ? `${Math.round(sum * 100) / 100} ml` : "not a number";
});

const told = (field) => ["input", "change"].forEach((kind) => field.dispatchEvent(new Event(kind, { bubbles: true })));

const choose = (select, lot) => {
  if (![...select.options].some((option) => option.value === lot.id)) select.append(new Option(lot.words, lot.id));
  select.value = lot.id;
  told(select);
};

// The row's volume, ready to be typed; null where the server has to make room.
const place = (lot) => {
  if (lot.use === "anaesthetic") {
    if (form.elements.anaesthetic.value === "declined") return null;
    form.elements.anaesthetic.value = "given";
    told([...form.elements.anaesthetic].find((one) => one.checked));
    choose(form.elements.anaesthetic_lot, lot);
    return form.elements.anaesthetic_ml;
  }
  const selects = [...form.querySelectorAll('select[name^="lots-"]')];
  const volume = (select) => form.elements[select.name.replace(/-lot$/, "-volume_ml")];
  const row = selects.find((select) => select.value === lot.id) ?? selects.find((select) => !select.value && !volume(select).value);
  if (!row) return null;
  choose(row, lot);
  return volume(row);
};

if (form) {
  form.addEventListener("input", showTotals);
  form.addEventListener("change", showTotals);
  showTotals();
  const scan = form.querySelector("[data-scan]");
  const said = document.getElementById("scan-said");
  const send = () => form.requestSubmit(form.querySelector('button[name="do"]'));
  scan?.addEventListener("keydown", async (event) => {
    if (event.key !== "Enter" || event.isComposing) return;
    event.preventDefault();
    if (!scan.value.trim()) return;
    const body = new FormData(form);
    try {
      const answer = await fetch(scan.dataset.scan, { method: "POST", body, headers: { Accept: "application/json" } });
      const found = answer.ok ? await answer.json() : {};
      const field = found.lot && place(found.lot);
      // Not found, or no room: the server says it, and keeps the rest.
      if (!field) { send(); return; }
      scan.value = "";
      scan.removeAttribute("aria-invalid");
      said.className = "small";
      said.textContent = found.words;
      field.focus();
    } catch {
      said.className = "wrong";
      said.textContent = "There is no connection just now. Choose the lot from the list, or scan again.";
    }
  });
}
