// Bundles the front end into static/bundle.js, and writes the licences of the packages in it to
// static/LICENSES.txt. The bundle's first line has the hash of the sources, so that
// tests/unit/widgets/test_bundle.py finds a stale bundle without npm.
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { licenses } from "./licenses.mjs";

const src = dirname(fileURLToPath(import.meta.url));
const root = join(src, "..", "..", "..");

function hashOfSources() {
  const hash = createHash("sha256");
  for (const name of readdirSync(src).sort()) {
    hash.update(`${name}\n`).update(readFileSync(join(src, name)));
  }
  return hash.update(readFileSync(join(root, "package-lock.json"))).digest("hex");
}

const { metafile } = await build({
  absWorkingDir: root,
  metafile: true,
  entryPoints: [join(src, "index.ts")],
  outfile: join(src, "..", "static", "bundle.js"),
  bundle: true,
  format: "esm",
  minify: true,
  charset: "utf8",
  target: "es2022",
  legalComments: "inline",
  loader: { ".css": "text" },
  banner: { js: `// sources: ${hashOfSources()}` },
  logLevel: "warning",
});
writeFileSync(
  join(src, "..", "static", "LICENSES.txt"),
  licenses(root, Object.keys(metafile.inputs)),
);
