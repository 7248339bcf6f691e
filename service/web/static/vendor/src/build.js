// Builds codemirror.js and codemirror.LICENSE into the folder that is named; run by `make vendor`.
import {readFileSync, writeFileSync} from "node:fs";
import {build} from "esbuild";

const into = process.argv[2];
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
  const {version} = JSON.parse(readFileSync(`node_modules/${name}/package.json`, "utf8"));
  const licence = readFileSync(`node_modules/${name}/LICENSE`, "utf8").trim();
  licences.set(licence, [...(licences.get(licence) ?? []), `${name} ${version}`]);
}

writeFileSync(`${into}/codemirror.js`, made.outputFiles[0].text);
writeFileSync(
  `${into}/codemirror.LICENSE`,
  [...licences].map(([licence, names]) => `${names.join(", ")}\n\n${licence}\n`).join("\n---\n\n"),
);
