// Every widget's module: it fetches the bundle from the kernel once a page. So a saved notebook with ten
// consoles holds ten of these, not ten bundles.
const bundles = (globalThis.dockerMagicsBundles ??= {});
const RETRY_MS = 3000;

function fetchBundle(model) {
  return new Promise((resolve, reject) => {
    const take = (message, buffers) => {
      if (message.kind !== "bundle") return;
      model.off("msg:custom", take);
      const url = URL.createObjectURL(new Blob([buffers[0]], { type: "text/javascript" }));
      import(url).then(resolve, reject).finally(() => URL.revokeObjectURL(url));
    };
    model.on("msg:custom", take);
    model.send({ kind: "bundle" });
  });
}

// The first widget of a page asks; where its kernel does not answer, the others ask theirs.
async function load(model) {
  const key = model.get("_bundle");
  const first = bundles[key];
  bundles[key] ??= fetchBundle(model);
  if (!first) return bundles[key];
  const late = new Promise((resolve) => setTimeout(resolve, RETRY_MS));
  return (await Promise.race([first, late])) ?? Promise.any([first, fetchBundle(model)]);
}

export default {
  async render({ model, el, signal }) {
    const note = document.createElement("div");
    note.style.cssText = "padding: 4px 0; color: var(--jp-content-font-color2, gray)";
    note.textContent = model.get("_waiting");
    const timer = setTimeout(() => el.append(note), 500);
    const bundle = await load(model);
    clearTimeout(timer);
    note.remove();
    if (!signal?.aborted) return bundle[model.get("_part")]({ model, el });
  },
};
