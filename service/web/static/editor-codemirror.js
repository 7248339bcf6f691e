// Puts CodeMirror in the place of the text field of the editor, which goes on holding the text: whatever is
// typed stands in the field at once, and the field says so, as if it had been typed there.

import {
  EditorState, EditorView, HighlightStyle, autocompletion, completionKeymap, defaultKeymap, drawSelection,
  highlightActiveLine, highlightActiveLineGutter, highlightSpecialChars, history, historyKeymap, indentUnit,
  indentWithTab, keymap, lineNumbers, lintKeymap, setDiagnostics, syntaxHighlighting, tags, yaml,
} from "./vendor/codemirror.js";
import {completer} from "./editor-complete.js";

const area = document.getElementById("text");
const answer = document.getElementById("judgement");

const colours = HighlightStyle.define([
  {tag: [tags.definition(tags.propertyName), tags.propertyName], color: "var(--accent)"},
  {tag: tags.string, color: "var(--good)"},
  {tag: [tags.lineComment, tags.meta, tags.punctuation, tags.separator, tags.squareBracket],
    color: "var(--soft)"},
]);

const look = EditorView.theme({
  "&": {color: "var(--ink)", border: "1px solid color-mix(in srgb, var(--soft) 65%, var(--rule))", borderRadius: "2px",
    background: "color-mix(in srgb, var(--rule) 30%, var(--paper))", fontSize: ".86rem",
    maxHeight: "calc(100vh - 8rem)", minHeight: "18rem"},
  "&.cm-focused": {outline: "2px solid var(--accent)", outlineOffset: "2px"},
  ".cm-scroller": {fontFamily: "var(--mono)", lineHeight: "1.65", minHeight: "18rem"},
  ".cm-content": {padding: ".6rem 0", caretColor: "var(--ink)"},
  ".cm-cursor, .cm-dropCursor": {borderLeftColor: "var(--ink)"},
  ".cm-gutters": {background: "transparent", color: "var(--soft)", border: "0"},
  ".cm-activeLine, .cm-activeLineGutter": {background: "color-mix(in srgb, var(--rule) 55%, transparent)"},
  ".cm-activeLineGutter": {color: "var(--ink)"},
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground":
    {background: "color-mix(in srgb, var(--accent) 25%, transparent)"},
  ".cm-lintRange": {backgroundImage: "none", textDecoration: "underline wavy 1px var(--accent)",
    textUnderlineOffset: ".25em"},
  ".cm-lintRange-warning": {textDecorationColor: "var(--trouble)"},
  ".cm-lintPoint:after": {borderBottomColor: "var(--accent)"},
  ".cm-tooltip": {background: "var(--paper)", color: "var(--ink)", border: "1px solid var(--rule)"},
  ".cm-tooltip.cm-tooltip-autocomplete > ul": {fontFamily: "var(--sans)", maxWidth: "min(38rem, 92vw)"},
  ".cm-tooltip.cm-tooltip-autocomplete > ul > li": {padding: ".25rem .6rem", display: "flex", gap: ".8rem"},
  ".cm-tooltip.cm-tooltip-autocomplete > ul > li[aria-selected]":
    {background: "var(--ink)", color: "var(--paper)"},
  ".cm-completionLabel": {fontFamily: "var(--mono)", whiteSpace: "nowrap"},
  ".cm-completionMatchedText": {textDecoration: "none", fontWeight: "600"},
  ".cm-completionDetail": {fontStyle: "normal", marginLeft: "0", overflow: "hidden", textOverflow: "ellipsis",
    color: "var(--soft)"},
  "li[aria-selected] .cm-completionDetail": {color: "inherit"},
  ".cm-diagnostic": {padding: ".35rem .6rem", maxWidth: "30rem", borderLeftColor: "var(--accent)"},
  ".cm-diagnostic-warning": {borderLeftColor: "var(--trouble)"},
});

if (area && "adoptedStyleSheets" in document) begin();

function begin() {
  const label = document.querySelector("label[for=text]");
  const attributes = {"aria-label": label?.textContent.trim() ?? area.name, spellcheck: "false",
    autocapitalize: "off", autocorrect: "off", tabindex: "0"};
  const hint = document.getElementById("text-keys");
  if (hint) {
    hint.hidden = false;
    attributes["aria-describedby"] = hint.id;
  }
  const view = new EditorView({
    doc: area.value,
    extensions: [
      lineNumbers(), highlightActiveLineGutter(), highlightSpecialChars(), history(), drawSelection(),
      highlightActiveLine(), EditorState.tabSize.of(2), indentUnit.of("  "), yaml(),
      syntaxHighlighting(colours), look, EditorView.lineWrapping,
      EditorView.contentAttributes.of(attributes),
      EditorState.phrases.of({Completions: area.dataset.offers ?? ""}),
      autocompletion({override: [offering()], icons: false}),
      keymap.of([
        ...completionKeymap, {key: "Enter", run: goOnWithList}, ...lintKeymap, ...historyKeymap,
        ...defaultKeymap, indentWithTab,
      ]),
      EditorView.updateListener.of((update) => {
        if (update.docChanged) tell(update.state.doc.toString());
      }),
    ],
  });
  area.before(view.dom);
  area.hidden = true;
  label?.addEventListener("click", (event) => {
    event.preventDefault();
    view.focus();
  });
  underline(view);
  if (answer) new MutationObserver(() => underline(view)).observe(answer, {childList: true, subtree: true});
  answer?.addEventListener("click", (event) => {
    const place = event.target.closest("a")?.closest("[data-line]");
    if (!place) return;
    event.preventDefault();
    goTo(view, Number(place.dataset.line), place.dataset.column);
  });
  window.addEventListener("hashchange", () => goTo(view, lineOfAddress()));
  goTo(view, Number(area.dataset.line) || lineOfAddress());
}

function tell(text) {
  area.value = text;
  area.dispatchEvent(new Event("input", {bubbles: true}));
}

/** Begins a new line of a list as the one before; on one that holds no more than its dash, ends the list. */
function goOnWithList({state, dispatch}) {
  const {main} = state.selection;
  const line = state.doc.lineAt(main.head);
  const begun = /^ *- +/.exec(line.text)?.[0];
  if (!begun || !main.empty || main.head < line.from + begun.length) return false;
  const isDone = line.text.trim() === "-";
  const change = isDone ? {from: line.from, to: line.to} : {from: main.head, insert: `\n${begun}`};
  dispatch(state.update({
    changes: change,
    selection: {anchor: isDone ? line.from : main.head + 1 + begun.length},
    scrollIntoView: true,
    userEvent: "input",
  }));
  return true;
}

/** Asks for what may be offered when the editor is first used; without an answer nothing is offered. */
function offering() {
  let asked = null;
  return async (context) => {
    asked ??= fetch(`/watchlists/schema.json?language=${document.documentElement.lang}`)
      .then((found) => (found.ok ? found.json() : null))
      .catch(() => null);
    const schema = await asked;
    if (schema === null) asked = null;
    if (schema === null || context.aborted) return null;
    return completer(schema, document.documentElement.lang)(context);
  };
}

/** Underlines what the service says is wrong; what it said stands in the page, and is read from there. */
function underline(view) {
  const {doc} = view.state;
  const found = [...(answer?.querySelectorAll(".problems [data-line]") ?? [])].map((one) => {
    const line = doc.line(Math.min(Math.max(1, Number(one.dataset.line)), doc.lines));
    const from = Math.min(line.from + Math.max(0, Number(one.dataset.column) - 1), line.to);
    const start = from === line.to ? line.from + line.text.search(/\S|$/) : from;
    return {from: start, to: line.to, severity: one.dataset.severity ?? "error",
      message: saidOf(one)};
  });
  view.dispatch(setDiagnostics(view.state, found));
}

/** Gives what is said of a problem, without its place: in the text, that is where it stands. */
function saidOf(problem) {
  const said = problem.cloneNode(true);
  said.querySelector("a")?.remove();
  return said.textContent.replace(/^[:\s]+/, "").trim();
}

function lineOfAddress() {
  return Number(/^#line-(\d+)$/.exec(location.hash)?.[1] ?? 0);
}

function goTo(view, number, column) {
  if (!(number > 0)) return;
  const line = view.state.doc.line(Math.min(number, view.state.doc.lines));
  const anchor = Math.min(line.from + Math.max(0, Number(column ?? 1) - 1), line.to);
  view.dispatch({selection: {anchor}, effects: EditorView.scrollIntoView(anchor, {y: "center"})});
  view.focus();
}
