// The archives come from containers: hostile ones too.
import { describe, expect, test } from "vitest";
import { singleFile } from "../../docker_magics/widgets/src/untar";

const BLOCK = 512;

interface Member {
  name?: string;
  type?: string;
  content?: string;
  size?: string; // the header's field, if it is not the content's size
  checksum?: number; // likewise
}

// Returns a header and its content, padded to whole blocks.
function member({ name = "hosts", type = "0", content = "", size, checksum }: Member = {}): string {
  const length = size ?? content.length.toString(8).padStart(11, "0");
  const before = `${name.padEnd(124, "\0")}${length.padEnd(12, "\0")}${"0".repeat(12)}`;
  const after = type.padEnd(BLOCK - 156, "\0");
  const sum = [...`${before}        ${after}`].reduce(
    (total, char) => total + char.charCodeAt(0),
    0,
  );
  const header = `${before}${(checksum ?? sum).toString(8).padStart(6, "0")}\0 ${after}`;
  return header + content.padEnd(Math.ceil(content.length / BLOCK) * BLOCK, "\0");
}

function archive(...members: string[]): DataView<ArrayBuffer> {
  return view(members.join("") + "\0".repeat(2 * BLOCK));
}

function view(text: string): DataView<ArrayBuffer> {
  return new DataView(Uint8Array.from(text, (char) => char.charCodeAt(0)).buffer);
}

function contentOf(data: DataView): string | undefined {
  const file = singleFile(data);
  return file && new TextDecoder().decode(file);
}

describe("a regular file", () => {
  test("is returned whole and without its padding", () => {
    const content = "127.0.0.1 localhost\n".repeat(40);
    expect(contentOf(archive(member({ content })))).toBe(content);
  });

  test("may be empty", () => {
    expect(contentOf(archive(member()))).toBe("");
  });

  test("has the type NUL in archives of V7 tar", () => {
    expect(contentOf(archive(member({ type: "\0", content: "old" })))).toBe("old");
  });

  test.each(["x", "g", "L", "K"])("may follow extended headers of type %s", (type) => {
    const header = member({ type, content: `${"very/".repeat(120)}long` });
    expect(contentOf(archive(header, header, member({ content: "data" })))).toBe("data");
  });

  test("is found in a view that starts inside its buffer", () => {
    const { buffer } = archive(member({ type: "5" }), member({ content: "second" }));
    expect(contentOf(new DataView(buffer, BLOCK))).toBe("second");
  });

  test.each(["../../etc/passwd", "/etc/passwd", "..", ""])("may be named %j", (name) => {
    expect(contentOf(archive(member({ name, content: "x" })))).toBe("x");
  });

  test("is a copy: changing it does not change the archive", () => {
    const data = archive(member({ content: "abc" }));
    singleFile(data)?.fill(0);
    expect(contentOf(data)).toBe("abc");
  });
});

describe("undefined is returned for", () => {
  test.each([
    ["a hard link", "1"],
    ["a symbolic link", "2"],
    ["a device", "3"],
    ["a directory", "5"],
    ["a FIFO", "6"],
    ["an unknown type", "Z"],
  ])("%s", (_name, type) => {
    expect(contentOf(archive(member({ type, content: "x" }), member({ content: "y" })))).toBe(
      undefined,
    );
  });

  test.each([0, 1, BLOCK - 1])("%i bytes, less than a header", (length) => {
    expect(contentOf(view("\0".repeat(length)))).toBe(undefined);
  });

  test("an archive without members", () => {
    expect(contentOf(archive())).toBe(undefined);
  });

  test("extended headers without a member", () => {
    expect(contentOf(view(member({ type: "x", content: "path=.." })))).toBe(undefined);
  });

  test("an extended header that claims to be longer than the archive", () => {
    const header = member({ type: "L", size: "77777777777" });
    expect(contentOf(archive(header, member({ content: "behind" })))).toBe(undefined);
  });

  test("an extended header of a negative size, which would never end", () => {
    expect(contentOf(archive(member({ type: "x", size: "-0000001000" })))).toBe(undefined);
  });

  test("a truncated file", () => {
    const whole = member({ content: "x".repeat(BLOCK + 1) });
    expect(contentOf(view(whole.slice(0, 2 * BLOCK)))).toBe(undefined);
  });

  test.each([
    "77777777777",
    "-0000000001",
    "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff",
    "size",
    "",
  ])("the size %j", (size) => {
    expect(contentOf(archive(member({ content: "x", size })))).toBe(undefined);
  });

  test("a header with a wrong checksum", () => {
    expect(contentOf(archive(member({ content: "x", checksum: 1 })))).toBe(undefined);
  });

  test("text that is not an archive", () => {
    expect(contentOf(view("not a tar archive ".repeat(100)))).toBe(undefined);
  });
});
