// Says so where an answer to what was typed did not come: what stands there is of an earlier text then.
"use strict";

(() => {
  const notice = document.getElementById("unanswered");
  const show = () => { notice.hidden = false; };
  for (const name of ["responseError", "sendError", "timeout"]) document.body.addEventListener("htmx:" + name, show);
  document.body.addEventListener("htmx:beforeSwap", (event) => {
    const answer = event.detail.xhr;
    // Whose session has ended is led to where one signs in: that is no answer either.
    if (new URL(answer.responseURL).pathname === "/sign-in") event.detail.shouldSwap = false;
    if (event.detail.shouldSwap) notice.hidden = true; else show();
  });
})();
