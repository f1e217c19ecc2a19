// The module of every widget. It fetches the bundle from the kernel, once a page, so that a saved notebook
// with ten consoles contains ten of these and not ten bundles.
globalThis.dockerMagicsBundles ??= {};
const bundles = globalThis.dockerMagicsBundles;
const RETRY_MS = 3000;
const NOTE_MS = 500;

function fetchBundle(model) {
  return new Promise((resolve, reject) => {
    const receive = (message, buffers) => {
      if (message.kind !== "bundle") return;
      model.off("msg:custom", receive);
      const url = URL.createObjectURL(new Blob([buffers[0]], { type: "text/javascript" }));
      import(url).then(resolve, reject).finally(() => URL.revokeObjectURL(url));
    };
    model.on("msg:custom", receive);
    model.send({ kind: "bundle" });
  });
}

// The first widget of a page asks its kernel. If that does not answer, the others ask theirs.
async function load(model) {
  const key = model.get("_bundle");
  const first = bundles[key];
  bundles[key] ??= fetchBundle(model);
  if (!first) return bundles[key];
  const timeout = new Promise((resolve) => setTimeout(resolve, RETRY_MS));
  return (await Promise.race([first, timeout])) ?? Promise.any([first, fetchBundle(model)]);
}

export default {
  async render({ model, el, signal }) {
    const note = document.createElement("div");
    note.style.cssText = "padding: 4px 0; color: var(--jp-content-font-color2, gray)";
    note.textContent = model.get("_waiting");
    const timer = setTimeout(() => el.append(note), NOTE_MS);
    const bundle = await load(model);
    clearTimeout(timer);
    note.remove();
    if (!signal?.aborted) return bundle[model.get("_part")]({ model, el });
  },
};
