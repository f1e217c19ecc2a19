// @vitest-environment jsdom
import { describe, expect, test } from "vitest";
import { Log, LogBuffer } from "../../docker_magics/widgets/src/log";
import { speaker } from "../../docker_magics/widgets/src/say";

function buffer(...parts: string[]): LogBuffer {
  const buffer = new LogBuffer();
  for (const part of parts) buffer.add(part);
  return buffer;
}

describe("LogBuffer", () => {
  test.each([
    [[], []],
    [["a\nb\n"], ["a", "b"]],
    [
      ["a", "b\nc"],
      ["ab", "c"],
    ],
    [["\n\n"], ["", ""]],
    [["a\n", ""], ["a"]],
  ])("of the parts %j has the lines %j", (parts, lines) => {
    expect(buffer(...parts).lines).toEqual(lines);
  });

  test("removes colors, also those that arrive in two parts", () => {
    expect(buffer("\x1b[1;31mred\x1b[0m \x1b", "[32mgreen\x1b[", "0m\n").lines).toEqual([
      "red green",
    ]);
  });

  test("keeps the last 5000 lines", () => {
    const { lines } = buffer(Array.from({ length: 6000 }, (_, index) => `${index}\n`).join(""));
    expect(lines).toHaveLength(5000);
    expect(lines[0]).toBe("1000");
  });

  test("searches for text, not for a pattern, in any case", () => {
    const log = buffer("GET /a.b\nget /axb\npost");
    expect(log.search("a.b")).toEqual(["GET /a.b"]);
    expect(log.search("get")).toEqual(["GET /a.b", "get /axb"]);
    expect(log.search("")).toHaveLength(3);
  });
});

describe("Log", () => {
  test("shows text as text, and how many lines match", () => {
    const log = new Log(speaker("en"));
    log.add("<img src=x onerror=alert(1)>\nsecond\n");
    expect(log.pre.querySelector("img")).toBeNull();
    expect(log.pre.textContent).toContain("<img src=x onerror=alert(1)>");
    const search = log.tools.querySelector("input") as HTMLInputElement;
    search.value = "SECOND";
    search.dispatchEvent(new Event("input"));
    expect(log.pre.textContent).toBe("second");
    expect(log.tools.textContent).toBe("1 of 2 lines");
  });
});
