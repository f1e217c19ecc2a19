// The part of @jupyterlab/codemirror that the plugin uses; JupyterLab shares the module.
declare module "@jupyterlab/codemirror" {
  import type { Extension } from "@codemirror/state";

  export interface IEditorExtensionRegistry {
    addExtension(extension: {
      name: string;
      factory(options: { model: { mimeType: string } }): unknown;
    }): void;
  }
  export const IEditorExtensionRegistry: unknown;
  export namespace EditorExtensionRegistry {
    function createImmutableExtension(extension: Extension): unknown;
  }
}
