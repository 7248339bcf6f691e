// Says the day under the pointer, or the one that the arrow keys have come to, and opens its articles by a click
// or Enter. Without it, the table says all and leads there too.
"use strict";

(() => {
  const chart = document.getElementById("chart");
  const said = document.getElementById("said");
  const days = Array.from(chart.querySelectorAll(".day"));
  let at = days.length;
  const pick = (place) => {
    days[at]?.classList.remove("picked");
    at = Math.min(Math.max(place, 0), days.length - 1);
    days[at].classList.add("picked");
    said.textContent = days[at].dataset.said;
  };
  const open = (day) => {
    if (day) location.assign(chart.dataset.search + "&since=" + day.dataset.day + "&until=" + day.dataset.day);
  };
  days.forEach((day, place) => {
    day.addEventListener("pointerenter", () => pick(place));
    day.addEventListener("click", () => open(day));
  });
  chart.addEventListener("keydown", (event) => {
    const steps = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: days.length - 1, PageUp: at - 7, PageDown: at + 7 };
    if (event.key === "Enter") open(days[at]);
    if (!(event.key in steps)) return;
    event.preventDefault();
    pick(steps[event.key]);
  });
})();
