// The licences of the packages that a bundle includes.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** Return the licences' texts. `inputs` are the files that esbuild bundled, by their paths. */
export function licenses(root, inputs) {
  const packages = new Set(
    inputs.map((path) => /node_modules\/((@[^/]+\/)?[^/]+)\//.exec(path)?.[1]),
  );
  packages.delete(undefined);
  return [...packages]
    .sort()
    .map((name) => license(join(root, "node_modules", name)))
    .join("\n");
}

function license(folder) {
  const { name, version } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const file = readdirSync(folder).find((path) => /^licen[cs]e/i.test(path));
  if (!file) throw new Error(`cannot bundle ${name}: it has no licence file`);
  return `${name} ${version}\n\n${readFileSync(join(folder, file), "utf8").trim()}\n`;
}
