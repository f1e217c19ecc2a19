import { describe, expect, test } from "vitest";
import { Entries } from "../../docker_magics/widgets/src/entries";
import { clock } from "../../docker_magics/widgets/src/logs";

function at(second: number, text: string): string {
  return `2026-11-30T10:00:0${second}.000000000Z ${text}\n`;
}

function texts(entries: Entries, query = ""): string[] {
  return entries.search(query).map(({ container, text }) => `${container} ${text}`);
}

describe("Entries", () => {
  test("orders the lines of several containers by time", () => {
    const entries = new Entries();
    entries.add("a", at(1, "one") + at(3, "three"));
    entries.add("b", at(2, "two") + at(3, "too"));
    expect(texts(entries)).toEqual(["a one", "b two", "a three", "b too"]);
  });

  test("joins lines that arrive in parts, and removes colors", () => {
    const entries = new Entries();
    const line = at(1, "\u001b[31mred\u001b[0m  text");
    entries.add("a", line.slice(0, 40));
    expect(texts(entries)).toEqual([]);
    entries.add("a", line.slice(40));
    expect(texts(entries)).toEqual(["a red  text"]);
  });

  test("keeps lines of the same time, but skips those that it has when it resumes", () => {
    const entries = new Entries();
    expect(entries.resume("a")).toBe("");
    entries.add("a", at(1, "x") + at(1, "y"));
    expect(entries.resume("a")).toBe("2026-11-30T10:00:01.000000000Z");
    entries.add("a", at(1, "y") + at(2, "z"));
    expect(texts(entries)).toEqual(["a x", "a y", "a z"]);
  });

  test("finds text in any case, and keeps the newest entries", () => {
    const entries = new Entries(2);
    entries.add("a", at(1, "Old") + at(2, "New") + at(3, "newer"));
    expect(texts(entries, "new")).toEqual(["a New", "a newer"]);
    expect(texts(entries)).toEqual(["a New", "a newer"]);
  });

  test("takes 100,000 lines", () => {
    const entries = new Entries();
    entries.add("a", at(1, "line").repeat(100_001));
    expect(entries.search("line")).toHaveLength(100_000);
  });
});

test("clock shows the time of day, or what is no time", () => {
  expect(clock("2026-11-30T10:00:01.123456789Z")).toMatch(/^\d\d:00:01\.123$/);
  expect(clock("sh: not found")).toBe("sh: not found");
});
