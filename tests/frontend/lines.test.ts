import { describe, expect, test, vi } from "vitest";
import { flags, Lines, type Listener, line, quote } from "../../docker_magics/widgets/src/lines";
import type { Message, Model } from "../../docker_magics/widgets/src/model";
import { speaker } from "../../docker_magics/widgets/src/say";

// Splits as a POSIX shell does, for single quotes, double quotes and backslashes.
function shellWords(text: string): string[] {
  const pattern = /(?:'[^']*'|"(?:\\.|[^"\\])*"|\\.|[^\s'"\\])+/gs;
  const unquote = /'([^']*)'|"((?:\\.|[^"\\])*)"|\\(.)/gs;
  return (text.match(pattern) ?? []).map((word) =>
    word.replace(unquote, (_all, single, double, escaped) => single ?? double ?? escaped),
  );
}

const HOSTILE = [
  "",
  " ",
  "two words",
  "it's",
  "'",
  "''",
  `"`,
  `'"'"'`,
  "$(rm -rf /)",
  "`id`",
  "{__import__('os')}",
  "a;b|c&d>e<f",
  "*?[x]",
  "line\nbreak",
  "tab\tbed",
  "back\\slash",
  "~root",
  "#comment",
  "!history",
  "한글",
  "\u202egnp.exe",
];

describe("quote", () => {
  test.each(["web", "nginx:alpine", "8080:80/tcp", "KEY=a,b", "user@sha256:0a+b-c_d.e%f"])(
    "leaves the plain word %j as it is",
    (word) => expect(quote(word)).toBe(word),
  );

  test.each(HOSTILE)("makes %j one word that a shell reads back", (word) => {
    expect(shellWords(quote(word))).toEqual([word]);
  });

  test("uses single quotes, inside which nothing is expanded", () => {
    expect(quote("$HOME {x}")).toBe("'$HOME {x}'");
  });
});

describe("line", () => {
  test("keeps each argument one word", () => {
    expect(shellWords(line("rm", ...HOSTILE))).toEqual(["rm", ...HOSTILE]);
  });

  test("joins plain words with spaces", () => {
    expect(line("logs", "-f", "web")).toBe("logs -f web");
  });
});

describe("flags", () => {
  test("repeats the flag for each word", () => {
    expect(flags("-p", " 80:80\n 443:443 ")).toBe("-p 80:80 -p 443:443");
  });

  test.each(["", " \t\n"])("of %j are none", (text) => expect(flags("-p", text)).toBe(""));

  test("quotes what a shell would interpret", () => {
    expect(flags("-e", "A=$(id) B='")).toBe(`-e 'A=$(id)' -e 'B='"'"''`);
  });
});

// A kernel that records what it receives; without a comm it throws, as ipywidgets does.
function kernel(): { lines: Lines; sent: Message[]; disconnect(): void } {
  const sent: Message[] = [];
  let isConnected = true;
  const send = (message: Message): void => {
    if (!isConnected) throw new Error("Comm is closed");
    sent.push(message);
  };
  const lines = new Lines({ send } as unknown as Model, speaker("en"));
  return { lines, sent, disconnect: () => (isConnected = false) };
}

describe("Lines", () => {
  test("sends a line with a number of its own", () => {
    const { lines, sent } = kernel();
    const [first, second] = [lines.run("ps", {}), lines.run("ps", {})];
    expect(first).not.toBe(second);
    expect(sent).toEqual([
      { kind: "run", line: "ps", action: first },
      { kind: "run", line: "ps", action: second },
    ]);
  });

  test("sends which folder to list", () => {
    const { lines, sent } = kernel();
    const action = lines.browse("web", "/etc/..", {});
    expect(sent).toEqual([{ kind: "browse", container: "web", folder: "/etc/..", action }]);
  });

  const bytes = new DataView(new ArrayBuffer(1));
  const rows = [{ kind: "-", size: 1, name: "a" }];
  test.each<[keyof Listener, object, DataView[], unknown[]]>([
    ["output", { text: "hi" }, [], ["hi"]],
    ["progress", { text: "pulling", share: null }, [], ["pulling", null]],
    ["grace", { seconds: 10, signal: "SIGTERM" }, [], [10, "SIGTERM"]],
    ["console", { model: "id" }, [], ["id"]],
    ["data", {}, [bytes], [bytes]],
    ["bars", { title: "t", bars: [["RUN", 1, 0]] }, [], ["t", [["RUN", 1, 0]]]],
    ["files", { rows }, [], [rows]],
    ["done", { error: "", text: "out", code: 0 }, [], ["", "out", 0]],
  ])("passes %s to its own listener alone", (kind, fields, buffers, received) => {
    const { lines } = kernel();
    const [mine, other] = [vi.fn(), vi.fn()];
    const action = lines.run("one", { [kind]: mine });
    lines.run("two", { [kind]: other });
    lines.receive({ kind, action, ...fields }, buffers);
    expect(mine.mock.calls).toEqual([received]);
    expect(other).not.toHaveBeenCalled();
  });

  test("ignores unknown kinds, unknown actions and missing data", () => {
    const { lines } = kernel();
    const listener = { data: vi.fn(), done: vi.fn() };
    const action = lines.run("cp web:/a -", listener);
    lines.receive({ kind: "toString", action }, []);
    lines.receive({ kind: "data", action }, []);
    lines.receive({ kind: "done", action: action + 1, error: "", text: "", code: 0 }, []);
    lines.receive({ kind: "done" }, []);
    expect(listener.data).not.toHaveBeenCalled();
    expect(listener.done).not.toHaveBeenCalled();
  });

  test("hears nothing of an action that is done or stopped", () => {
    const { lines, sent } = kernel();
    const listener = { output: vi.fn(), done: vi.fn() };
    const [done, stopped] = [lines.run("a", listener), lines.run("b", listener)];
    lines.receive({ kind: "done", action: done, error: "", text: "", code: 0 }, []);
    lines.stop(stopped);
    lines.stop(stopped);
    lines.stop(done);
    for (const action of [done, stopped])
      lines.receive({ kind: "output", action, text: "late" }, []);
    expect(listener.output).not.toHaveBeenCalled();
    expect(listener.done).toHaveBeenCalledOnce();
    expect(sent.filter(({ kind }) => kind === "stop")).toEqual([{ kind: "stop", action: stopped }]);
  });

  test("fails with a next step when the kernel has ended", () => {
    const { lines, disconnect } = kernel();
    disconnect();
    const done = vi.fn();
    const action = lines.run("ps", { done });
    expect(done.mock.calls).toEqual([["The kernel has ended: run the cell again.", "", 1]]);
    lines.receive({ kind: "done", action, error: "", text: "", code: 0 }, []);
    expect(done).toHaveBeenCalledOnce();
  });

  test("stops without an error when the kernel has ended", () => {
    const { lines, disconnect } = kernel();
    const action = lines.run("logs -f web", {});
    disconnect();
    expect(() => lines.stop(action)).not.toThrow();
  });
});
