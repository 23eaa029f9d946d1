// Which session it belongs to is suggested from the day it began: the newest one not after it. What somebody chose stays.
"use strict";

const followTheDay = () => {
  const session = document.querySelector("select[name=session]");
  if (!session) return;
  let chosen = false;
  session.addEventListener("change", () => { chosen = true; });

  const AGO = { today: 0, yesterday: 1 };

  const began = (form) => {
    const when = form.elements.onset.value;
    if (when === "day") return form.elements.onset_on.value;
    if (!(when in AGO)) return "";
    const day = new Date();
    day.setDate(day.getDate() - AGO[when]);
    const two = (number) => String(number).padStart(2, "0");
    return `${day.getFullYear()}-${two(day.getMonth() + 1)}-${two(day.getDate())}`;
  };

  const suggest = (event) => {
    if (chosen || !["onset", "onset_on"].includes(event.target.name)) return;
    const day = began(session.form);
    const fits = [...session.options].filter((one) => one.dataset.day && (!day || one.dataset.day <= day));
    session.value = fits.length ? fits[0].value : "";
  };

  session.form.addEventListener("change", suggest);
};
followTheDay();
document.addEventListener("page-renewed", followTheDay);
