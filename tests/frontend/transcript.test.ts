// Real escape sequences, through xterm.js without a page.
import { Terminal } from "@xterm/headless";
import { expect, test } from "vitest";
import { type Run, transcript } from "../../docker_magics/widgets/src/transcript";

async function rowsOf(output: string, cols = 40, rows = 4): Promise<Run[][]> {
  const terminal = new Terminal({ cols, rows, scrollback: 5000, allowProposedApi: true });
  await new Promise<void>((resolve) => terminal.write(output, resolve));
  return transcript(terminal.buffer.normal);
}

const plain = (text: string): Run => [text, null, null, ""];

test("nothing was written", async () => {
  expect(await rowsOf("")).toEqual([]);
});

test("trailing blanks and empty rows are trimmed, inner ones stay", async () => {
  expect(await rowsOf("  a  b  \r\n\r\nc\r\n\r\n")).toEqual([[plain("  a  b")], [], [plain("c")]]);
});

test("cells of the same look are one run", async () => {
  expect(await rowsOf("a\x1b[31mred\x1b[0m b")).toEqual([
    [plain("a"), ["red", 1, null, ""], plain(" b")],
  ]);
});

test("colors come from the palette or as RGB", async () => {
  expect(await rowsOf("\x1b[38;5;200;48;2;0;10;255mx")).toEqual([[["x", 200, "#000aff", ""]]]);
});

test.each([
  ["1", "b"],
  ["3", "i"],
  ["4", "u"],
  ["2", "d"],
  ["9", "s"],
  ["1;2;3;4;9", "biuds"],
])("style %s is %s", async (code, style) => {
  expect(await rowsOf(`\x1b[${code}mx`)).toEqual([[["x", null, null, style]]]);
});

test.each<[string, Run]>([
  ["\x1b[7mx", ["x", "inverse", "inverse", ""]],
  ["\x1b[7;31mx", ["x", "inverse", 1, ""]],
  ["\x1b[7;42mx", ["x", 2, "inverse", ""]],
])("%j swaps the colors", async (output, run) => {
  expect(await rowsOf(output)).toEqual([[run]]);
});

test("blanks with a background stay", async () => {
  expect(await rowsOf("\x1b[44m  \x1b[0m")).toEqual([[["  ", null, 4, ""]]]);
});

test("wide characters and combined ones are kept whole", async () => {
  expect(await rowsOf("한글e\u0301!")).toEqual([[plain("한글e\u0301!")]]);
});

test("a long line takes several rows", async () => {
  expect(await rowsOf("abcdef", 4)).toEqual([[plain("abcd")], [plain("ef")]]);
});

test("what was overwritten or erased is gone", async () => {
  expect(await rowsOf("secret\r\x1b[Kok\r\nprogress 1\rprogress 2")).toEqual([
    [plain("ok")],
    [plain("progress 2")],
  ]);
});

test("markup and sequences for the window are only text or nothing", async () => {
  expect(await rowsOf("\x1b]0;title\x07<script>&amp;\x1b]52;c;aGk=\x07")).toEqual([
    [plain("<script>&amp;")],
  ]);
});

test("a full-screen program leaves the normal screen as it was", async () => {
  expect(await rowsOf("before\x1b[?1049hvi\x1b[?1049l after")).toEqual([[plain("before after")]]);
});

test("the last 2000 rows are kept", async () => {
  const lines = Array.from({ length: 3000 }, (_, number) => `line ${number}`);
  const rows = await rowsOf(lines.join("\r\n"));
  expect(rows).toHaveLength(2000);
  expect(rows[0]).toEqual([plain("line 1000")]);
  expect(rows.at(-1)).toEqual([plain("line 2999")]);
});
