// Small comforts for every page; each works without this file too.

// "/" goes to the search from anywhere but a field.
document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input, textarea, select, [contenteditable]");
  if (event.key !== "/" || typing || event.ctrlKey || event.metaKey || event.altKey) return;
  // On the booking page that is its own field: who it is for.
  const search = document.querySelector("main input[data-find]") || document.querySelector(".topbar .search input");
  if (search) { event.preventDefault(); search.focus(); search.select(); }
});

// A form is sent once; the hidden `once` field makes that true on the server as well. One that is answered with a file leaves
// the page as it is, and may be sent again.
document.addEventListener("submit", (event) => {
  const form = event.target;
  // What a script of its own has held back is not sent by the browser now.
  if (form.method !== "post" || form.matches("[data-upload], [data-saves]") || event.defaultPrevented) return;
  if (form.dataset.sent) { event.preventDefault(); return; }
  form.dataset.sent = "yes";
});
// Back from the browser's own cache: the form may be sent again.
window.addEventListener("pageshow", (event) => {
  if (event.persisted) document.querySelectorAll("form[data-sent]").forEach((form) => delete form.dataset.sent);
});

// A menu closes on Escape and on a click elsewhere.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  document.querySelectorAll("details.me[open]").forEach((menu) => { menu.open = false; menu.querySelector("summary").focus(); });
});
document.addEventListener("click", (event) => {
  document.querySelectorAll("details.me[open]").forEach((menu) => { if (!menu.contains(event.target)) menu.open = false; });
});

// After a form was refused, begin at the first wrong field; after an action that leads to a list further down, show its answer.
const beginAtWrong = () => {
  if (document.activeElement && document.activeElement !== document.body) return;
  const wrong = document.querySelector("main form [aria-invalid='true']:not([type=hidden])");
  if (wrong) { wrong.focus(); return; }
  const said = document.querySelector("main > [role=status]");
  if (said && location.hash) window.addEventListener("load", () => said.scrollIntoView({ block: "center" }));
};
document.addEventListener("DOMContentLoaded", beginAtWrong);
document.addEventListener("page-renewed", beginAtWrong);
