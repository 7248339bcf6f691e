// Puts the cursor where a link says, and asks before a draft is lost. Without it, the editor is a plain form.
"use strict";

(() => {
  const text = document.getElementById("text");
  const opened = text.value;
  let isSent = false;
  const line = Number(text.dataset.line);
  if (line > 0) {
    const start = text.value.split("\n").slice(0, line - 1).join("\n").length + (line > 1 ? 1 : 0);
    const end = text.value.indexOf("\n", start);
    text.focus();
    text.setSelectionRange(start, end < 0 ? text.value.length : end);
    const height = text.scrollHeight / text.value.split("\n").length;
    text.scrollTop = Math.max(0, (line - 6) * height);
  }
  document.getElementById("editor").addEventListener("submit", () => { isSent = true; });
  window.addEventListener("beforeunload", (event) => {
    if (!isSent && text.value !== opened) event.preventDefault();
  });
  // Enter in the field of a term adds it, as the button beside it does. In other fields it checks the draft.
  document.getElementById("term")?.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.isComposing) return;
    event.preventDefault();
    event.target.closest("fieldset").querySelector("button").click();
  });
  // A line begins as the one before it, which in YAML says what belongs together.
  text.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.ctrlKey || event.metaKey || event.isComposing) return;
    const begin = text.value.lastIndexOf("\n", text.selectionStart - 1) + 1;
    const indent = /^ *(- )?/.exec(text.value.slice(begin, text.selectionStart))[0];
    if (!indent) return;
    event.preventDefault();
    text.setRangeText("\n" + indent, text.selectionStart, text.selectionEnd, "end");
    text.dispatchEvent(new Event("input", { bubbles: true }));
  });
})();
