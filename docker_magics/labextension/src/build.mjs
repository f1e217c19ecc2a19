// Bundles the JupyterLab extension into static/remoteEntry.HASH.js, and names it in package.json.
// JupyterLab's module federation loads it: `init` gets the shared modules, `get` the plugin.
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const src = dirname(fileURLToPath(import.meta.url));
const root = join(src, "..");
const statics = join(root, "static");
const NAME = "docker-magics";
const SHARED = [
  "@codemirror/language",
  "@codemirror/state",
  "@codemirror/view",
  "@jupyterlab/codemirror",
];

const BEFORE = `(globalThis._JUPYTERLAB ??= {})["${NAME}"] = {
  init(scope) { this.scope = scope; },
  async get() {
    const load = async (name) => {
      const versions = Object.values(this.scope[name]);
      const version = versions.find(({ loaded }) => loaded) ?? versions[0];
      return [name, (await version.get())()];
    };
    const modules = Object.fromEntries(await Promise.all(${JSON.stringify(SHARED)}.map(load)));
    return () => { const module = { exports: {} }; run(module, (name) => modules[name]); return module.exports; };
  },
};
const script = document.currentScript;
function run(module, require) {`;

const { outputFiles } = await build({
  entryPoints: [join(src, "index.ts")],
  bundle: true,
  write: false,
  format: "cjs",
  minify: true,
  charset: "utf8",
  target: "es2022",
  external: SHARED,
  define: { "document.currentScript": "script" },
  logLevel: "warning",
});
const text = `(() => {${BEFORE}${outputFiles[0].text}}})();\n`;
const name = `remoteEntry.${createHash("sha256").update(text).digest("hex").slice(0, 8)}.js`;
for (const old of readdirSync(statics))
  if (old.startsWith("remoteEntry")) rmSync(join(statics, old));
writeFileSync(join(statics, name), text);

const [, version] = readFileSync(join(root, "..", "version.py"), "utf8").match(
  /__version__ = "(.*)"/,
);
const manifest = {
  name: NAME,
  version,
  description: "Highlights docker cells and lines in JupyterLab, and explains their words.",
  license: "MIT",
  jupyterlab: { _build: { load: `static/${name}`, extension: "./extension" } },
};
writeFileSync(join(root, "package.json"), `${JSON.stringify(manifest, null, 2)}\n`);
