// What the editor of watchlists offers while somebody types: keys, names and operators, as our JSON Schema
// of a watchlist says. Knows nothing of CodeMirror but the shape of its questions and answers.

const LINE = /^( *)((?:- +)*)(?:([\w$-]+)(:)(?: +|$))?(.*)$/;
const BEFORE = /^( *)((?:- +)*)(?:([\w$-]+): +)?(.*)$/;
const ITEM = "[]";

/** Gives the function that CodeMirror asks; `schema` is what /watchlists/schema.json answers. */
export function completer(schema, language) {
  const names = (type) => new Intl.DisplayNames([language], {type, fallback: "code"});
  const said = {language: names("language"), country: names("region")};
  return (context) => {
    const found = offers(schema, said, context.state.doc.toString(), context.pos);
    if (!found || (!context.explicit && found.word === "")) return null;
    return {from: context.pos - found.word.length, options: found.options, validFor: /^[$\p{L}\p{N}_:/-]*$/u};
  };
}

/** Gives what may stand at a place of a text, and the word that is begun there. */
export function offers(schema, said, text, at) {
  const above = text.slice(0, at).split("\n");
  const [, indent, dashes, key, rest] = BEFORE.exec(above.pop());
  if (/(^|\s)#/.test(rest)) return null;
  const column = indent.length + dashes.length;
  const path = pathTo(above, column, dashes ? lastDash(indent, dashes) : null);
  if (key) return valueOffers(schema, said, text, [...path, key], rest);
  const places = resolve(schema, path);
  const keys = places.flatMap((one) => Object.entries(one.properties ?? {}));
  if (/^[\w-]*$/.test(rest) && keys.length) {
    const options = keys.map(([name, value]) => option(`${name}: `, "keyword", value.description, name));
    const others = dashes ? valuesOf(schema, said, text, places, rest) : null;
    return {word: rest, options: unique([...options, ...(others?.options ?? [])])};
  }
  return dashes ? valuesOf(schema, said, text, places, rest) : null;
}

function valueOffers(schema, said, text, path, rest) {
  const list = /^\[(?:.*, *)?([^,\]]*)$/.exec(rest);
  const places = resolve(schema, list ? [...path, ITEM] : path);
  return valuesOf(schema, said, text, places, list ? list[1].trimStart() : rest);
}

/** Names the keys and lists that a line stands in, by the lines above it, as YAML does: by their columns. */
function pathTo(above, column, dash) {
  const path = dash === null ? [] : [ITEM];
  let limit = dash === null ? column - 1 : dash; // a key may be the parent up to this column
  let dashLimit = dash === null ? column : dash; // a dash below this one
  for (const line of above.reverse()) {
    if (limit < 0) break;
    const [, indent, dashes, key, colon, value] = LINE.exec(line);
    if (/^\s*(#|$)/.test(line)) continue;
    const start = indent.length + dashes.length;
    if (colon && value.trim().replace(/^#.*/, "") === "" && start <= limit) {
      path.unshift(key);
      limit = start - 1;
      dashLimit = start;
    }
    const at = dashes ? lastDash(indent, dashes) : Infinity;
    if (at < dashLimit) {
      path.unshift(ITEM);
      limit = at;
      dashLimit = at;
    }
  }
  return path;
}

function lastDash(indent, dashes) {
  return indent.length + dashes.lastIndexOf("-");
}

/** Gives the parts of the schema that may describe a place. */
function resolve(schema, path) {
  let places = widen(schema, schema);
  for (const step of path) {
    places = places.flatMap((one) => below(one, step)).flatMap((one) => widen(schema, one));
  }
  return places;
}

function below(place, step) {
  if (step === ITEM) return place.items ? [place.items] : [];
  const found = place.properties?.[step];
  if (found) return [found];
  return Object.entries(place.patternProperties ?? {})
    .filter(([pattern]) => new RegExp(pattern, "u").test(step))
    .map(([, value]) => value);
}

function widen(schema, place) {
  const name = /^#\/definitions\/(\w+)$/.exec(place.$ref ?? "")?.[1];
  const others = [...(place.anyOf ?? []), ...(place.oneOf ?? []), ...(place.allOf ?? [])];
  if (place.then) others.push(place.then);
  if (place.else) others.push(place.else);
  if (name) others.push({...schema.definitions[name], name});
  return [place, ...others.flatMap((one) => widen(schema, one))];
}

function valuesOf(schema, said, text, places, rest) {
  if (places.some((one) => one.name === "expression")) return expressionOffers(schema, said, text, rest);
  const choices = places.flatMap((one) => (one.enum ?? []).filter(Boolean).map((value) => [value, one.name]));
  if (!choices.length) return null;
  const options = choices.map(([value, name]) => option(value, "enum", said[name]?.of(value)));
  return {word: rest, options: unique(options)};
}

function expressionOffers(schema, said, text, rest) {
  const known = schema["x-avizor"];
  const fact = /(?:^|[\s(])(lang|country|source|group):([\w-]*)$/.exec(rest);
  if (fact) return {word: fact[2], options: factOptions(schema, said, fact[1])};
  const word = /[$\p{L}\p{N}_:/-]*$/u.exec(rest)[0];
  const operators = known.operators.map(([label, help]) => option(label, "operator", help));
  const own = blocksOf(text).map(([name, words]) => option(`$${name}`, "variable", words));
  const shared = known.shared.map(([name, file]) => option(`$${name}`, "variable", file));
  return {word, options: unique([...own, ...shared, ...operators])};
}

function factOptions(schema, said, fact) {
  const {definitions} = schema;
  const outlets = () => schema["x-avizor"].outlets.map((name) => option(name, "enum"));
  if (fact === "source") return outlets();
  const name = {lang: "language", country: "country", group: "group"}[fact];
  return definitions[name].enum.map((value) => option(value, "enum", said[name]?.of(value)));
}

/** Lists the blocks under `terms:` of a text, with the words they begin with. */
function blocksOf(text) {
  const part = /^terms:[^\n]*\n((?:(?: .*|#.*)?(?:\n|$))*)/m.exec(text)?.[1] ?? "";
  const found = [];
  for (const [, name, words] of part.matchAll(/^ +([A-Za-z_][\w-]*): *(.*)$/gm)) {
    found.push([name, words.length > 60 ? `${words.slice(0, 60)}…` : words]);
  }
  return found;
}

function option(label, type, detail, shown) {
  return {label, displayLabel: shown ?? label, type, ...(detail ? {detail} : {})};
}

function unique(options) {
  return [...new Map(options.map((one) => [one.label, one])).values()];
}
