// The JupyterLab plugin. Notebook 7 loads it too.
import { EditorExtensionRegistry, IEditorExtensionRegistry } from "@jupyterlab/codemirror";
import { dockerCells } from "./editor";
import type { Sentences } from "./hover";

// The folder of this file, which also has the sentences.
const FOLDER = (document.currentScript as HTMLScriptElement | null)?.src ?? location.href;
const LANGUAGES = ["en", "ko"];

let loading: Promise<Sentences> | undefined;

function loadSentences(): Promise<Sentences> {
  const language = LANGUAGES.find((code) => navigator.language.startsWith(code)) ?? "en";
  loading ??= fetch(new URL(`sentences-${language}.json`, FOLDER)).then((answer) => answer.json());
  return loading;
}

export default {
  id: "docker-magics:editor",
  description: "Highlights docker cells and lines, and explains their words.",
  autoStart: true,
  requires: [IEditorExtensionRegistry],
  activate: (_app: unknown, registry: IEditorExtensionRegistry): void => {
    registry.addExtension({
      name: "docker-magics",
      factory: ({ model }) =>
        EditorExtensionRegistry.createImmutableExtension(
          dockerCells({
            isPython: () => /\bx-i?python\b/.test(model.mimeType),
            sentences: loadSentences,
          }),
        ),
    });
  },
};
