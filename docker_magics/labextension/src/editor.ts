// The CodeMirror 6 extension: colors, indentation and hovers of docker cells and lines.
import { indentService, indentUnit } from "@codemirror/language";
import { type EditorState, type Extension, Prec, RangeSetBuilder } from "@codemirror/state";
import {
  Decoration,
  type DecorationSet,
  EditorView,
  hoverTooltip,
  type Tooltip,
  ViewPlugin,
  type ViewUpdate,
} from "@codemirror/view";
import { indentAfter } from "./compose";
import { type Meaning, meaningAt, type Sentences } from "./hover";
import { cellKind, innerStart, type Kind, tokensOf } from "./tokens";

// What the extension needs from the editor around it.
export interface Host {
  isPython(): boolean; // other editors show other files
  sentences(): Promise<Sentences>;
}

const COLORS: Record<Kind, string> = {
  plain: "--jp-mirror-editor-variable-color",
  magic: "--jp-mirror-editor-operator-color",
  keyword: "--jp-mirror-editor-keyword-color",
  flag: "--jp-mirror-editor-attribute-color",
  string: "--jp-mirror-editor-string-color",
  number: "--jp-mirror-editor-number-color",
  comment: "--jp-mirror-editor-comment-color",
  variable: "--jp-mirror-editor-def-color",
  operator: "--jp-mirror-editor-operator-color",
  property: "--jp-mirror-editor-builtin-color",
};

const theme = EditorView.baseTheme({
  ...Object.fromEntries(
    Object.entries(COLORS).map(([kind, color]) => [
      `.dm-token-${kind}`,
      {
        color: `var(${color})`,
        fontWeight: kind === "keyword" ? "bold" : "normal",
        fontStyle: kind === "comment" ? "italic" : "normal",
        textDecoration: "none",
      },
    ]),
  ),
  ".dm-hover": {
    maxWidth: "420px",
    padding: "6px 10px",
    background: "var(--jp-layout-color1)",
    color: "var(--jp-content-font-color1)",
    font: "13px/1.4 var(--jp-ui-font-family)",
  },
  ".dm-hover code": { fontWeight: "bold", fontFamily: "var(--jp-code-font-family)" },
});

const MARKS = new Map(
  (Object.keys(COLORS) as Kind[]).map((kind) => [
    kind,
    Decoration.mark({ class: `dm-token-${kind}` }),
  ]),
);

export function dockerCells(host: Host): Extension {
  const kindOf = (state: EditorState) =>
    host.isPython() ? cellKind(state.doc.toString()) : "python";
  return [
    theme,
    // The marks of the highest precedence are inside Python's, so that their color counts.
    Prec.highest(highlighter(host)),
    Prec.highest(
      indentUnit.computeN(["doc"], (state) => (kindOf(state) === "compose" ? ["  "] : [])),
    ),
    Prec.highest(
      indentService.of(({ state }, position) =>
        kindOf(state) === "python" ? undefined : indentation(state, position),
      ),
    ),
    hoverTooltip((view, position) => tooltip(view, position, host)),
  ];
}

function highlighter(host: Host): Extension {
  return ViewPlugin.fromClass(
    class {
      private wasPython = host.isPython();
      decorations: DecorationSet;

      constructor(view: EditorView) {
        this.decorations = this.mark(view);
      }

      update(update: ViewUpdate): void {
        const isPython = host.isPython();
        if (!update.docChanged && isPython === this.wasPython) return;
        this.wasPython = isPython;
        this.decorations = this.mark(update.view);
      }

      private mark({ state }: EditorView): DecorationSet {
        const builder = new RangeSetBuilder<Decoration>();
        const tokens = this.wasPython ? tokensOf(state.doc.toString()) : [];
        for (const { from, to, kind } of tokens) {
          const mark = MARKS.get(kind);
          if (mark) builder.add(from, to, mark);
        }
        return builder.finish();
      }
    },
    { decorations: (plugin) => plugin.decorations },
  );
}

// The column of the line that begins at or is broken at a position.
function indentation(state: EditorState, position: number): number {
  const inner = innerStart(state.doc.toString());
  const above = state.sliceDoc(0, position).slice(inner).replace(/\n$/, "");
  if (!above.trim().includes("\n")) return 0;
  if (cellKind(above) === "compose") return indentAfter(above);
  const line = above.split("\n").at(-1) ?? "";
  const column = Math.max(line.search(/\S/), 0);
  if (!line.endsWith("\\")) return cellKind(above) === "input" ? column : 0;
  return column || 4;
}

async function tooltip(view: EditorView, position: number, host: Host): Promise<Tooltip | null> {
  if (!host.isPython()) return null;
  const cell = view.state.doc.toString();
  const meaning = meaningAt(cell, position, await host.sentences());
  if (!meaning) return null;
  return {
    pos: meaning.from,
    end: meaning.to,
    above: true,
    create: () => ({ dom: draw(meaning) }),
  };
}

function draw({ word, sentences }: Meaning): HTMLElement {
  const box = document.createElement("div");
  box.className = "dm-hover";
  box.setAttribute("role", "tooltip");
  const code = document.createElement("code");
  code.textContent = word;
  box.append(code);
  for (const sentence of sentences) {
    const line = document.createElement("div");
    line.textContent = sentence;
    box.append(line);
  }
  return box;
}
