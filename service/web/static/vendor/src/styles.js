// Stands in for `style-mod`, by which CodeMirror writes its styles: it would put a <style> element into the
// page, which our Content-Security-Policy forbids. A constructed style sheet is not inline, so it may stand.
import {StyleModule as Written} from "./node_modules/style-mod/src/style-mod.js";

const sheets = new WeakMap();

export class StyleModule extends Written {
  static mount(root, modules) {
    const wanted = Array.isArray(modules) ? modules : [modules];
    const there = sheets.get(root) ?? {sheet: new CSSStyleSheet(), modules: []};
    there.modules = [...wanted, ...there.modules.filter((one) => !wanted.includes(one))];
    there.sheet.replaceSync(there.modules.map((one) => one.getRules()).join("\n"));
    if (!sheets.has(root)) {
      sheets.set(root, there);
      root.adoptedStyleSheets = [there.sheet, ...root.adoptedStyleSheets];
    }
  }
}
