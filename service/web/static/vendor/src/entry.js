// What the editor of watchlists uses of CodeMirror; everything else is left out of the bundle.
export {EditorState} from "@codemirror/state";
export {
  EditorView,
  drawSelection,
  highlightActiveLine,
  highlightActiveLineGutter,
  highlightSpecialChars,
  keymap,
  lineNumbers,
} from "@codemirror/view";
export {defaultKeymap, history, historyKeymap, indentWithTab} from "@codemirror/commands";
export {HighlightStyle, indentUnit, syntaxHighlighting} from "@codemirror/language";
export {autocompletion, completionKeymap} from "@codemirror/autocomplete";
export {lintKeymap, setDiagnostics} from "@codemirror/lint";
export {yaml} from "@codemirror/lang-yaml";
export {tags} from "@lezer/highlight";
