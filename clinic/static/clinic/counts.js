// How many rows wait on the worklists, beside the link in the navigation: asked once the page is there, so that no page
// waits for it. A page that shows the lists writes the number itself.
(() => {
  const link = document.querySelector("a[data-count]");
  if (!link) return;
  const tag = link.querySelector(".tag");
  fetch(link.dataset.count, { headers: { Accept: "application/json", "X-Background": "1" } })
    .then((answer) => (answer.ok && !answer.redirected ? answer.json() : null))
    .then((count) => {
      if (!count || !count.waiting) return;
      tag.firstElementChild.textContent = count.waiting;
      tag.lastElementChild.textContent = `: ${count.words}`;
      tag.classList.add(count.urgent ? "urgent" : "due");
      tag.hidden = false;
    })
    .catch(() => {});
})();
