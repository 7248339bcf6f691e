// Builds codemirror.js and copies uPlot as it is published, with their licences, into the folder that is named; run by
// `make vendor`.
import {copyFileSync, readFileSync, writeFileSync} from "node:fs";
import {build} from "esbuild";

const into = process.argv[2];
const versionOf = (name) => JSON.parse(readFileSync(`node_modules/${name}/package.json`, "utf8")).version;
const licenceOf = (name) => readFileSync(`node_modules/${name}/LICENSE`, "utf8").trim();
const made = await build({
  entryPoints: ["entry.js"],
  alias: {"style-mod": "./styles.js"},
  bundle: true,
  minify: true,
  format: "esm",
  target: "es2022",
  charset: "utf8",
  legalComments: "none",
  metafile: true,
  write: false,
});

const packages = Object.keys(made.metafile.inputs)
  .map((path) => /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1])
  .filter(Boolean);
const licences = new Map();
for (const name of [...new Set(packages)].sort()) {
  const licence = licenceOf(name);
  licences.set(licence, [...(licences.get(licence) ?? []), `${name} ${versionOf(name)}`]);
}

writeFileSync(`${into}/codemirror.js`, made.outputFiles[0].text);
writeFileSync(
  `${into}/codemirror.LICENSE`,
  [...licences].map(([licence, names]) => `${names.join(", ")}\n\n${licence}\n`).join("\n---\n\n"),
);

copyFileSync("node_modules/uplot/dist/uPlot.iife.min.js", `${into}/uplot.min.js`);
copyFileSync("node_modules/uplot/dist/uPlot.min.css", `${into}/uplot.min.css`);
writeFileSync(`${into}/uplot.LICENSE`, `uplot ${versionOf("uplot")}\n\n${licenceOf("uplot")}\n`);
