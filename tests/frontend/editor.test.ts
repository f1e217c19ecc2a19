// @vitest-environment jsdom
import { getIndentation, indentUnit } from "@codemirror/language";
import { EditorState } from "@codemirror/state";
import { EditorView } from "@codemirror/view";
import { afterEach, expect, test } from "vitest";
import { dockerCells } from "../../docker_magics/labextension/src/editor";

const views: EditorView[] = [];
let isPython = true;

function open(doc: string): EditorView {
  const host = { isPython: () => isPython, sentences: () => Promise.reject(new Error("unused")) };
  const view = new EditorView({
    state: EditorState.create({ doc, extensions: [dockerCells(host), indentUnit.of("    ")] }),
    parent: document.body,
  });
  views.push(view);
  return view;
}

function colored(view: EditorView, kind: string): string[] {
  return [...view.contentDOM.querySelectorAll(`.dm-token-${kind}`)].map((e) => e.textContent ?? "");
}

afterEach(() => {
  isPython = true;
  for (const view of views.splice(0)) view.destroy();
});

test("colors follow the text", () => {
  const view = open("%%dockerfile\nFROM busybox");
  expect(colored(view, "keyword")).toEqual(["FROM"]);
  view.dispatch({ changes: { from: 0, to: 13 } });
  expect(colored(view, "keyword")).toEqual([]);
});

test("other files are left alone, until the editor shows Python", () => {
  isPython = false;
  const view = open("%docker ps");
  expect(colored(view, "keyword")).toEqual([]);
  isPython = true;
  view.dispatch({});
  expect(colored(view, "keyword")).toEqual(["ps"]);
});

test.each([
  ["%%compose\nservices:\n", 2],
  ["%%compose\n", 0],
  ["%%dockerfile\nRUN a \\\n", 4],
  ["%%dockerfile\nRUN a\n", 0],
  ["%%docker exec -i a python\n  if a:\n", 2],
])("after %j a line begins at column %d", (doc, column) => {
  const { state } = open(doc);
  expect(getIndentation(state, doc.length)).toBe(column);
});

test("a %%compose cell is indented by two", () => {
  expect(open("%%compose\n").state.facet(indentUnit)).toBe("  ");
  expect(open("%docker ps").state.facet(indentUnit)).toBe("    ");
});
