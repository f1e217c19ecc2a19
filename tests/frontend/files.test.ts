import { describe, expect, test } from "vitest";
import { ancestors, parseListing, sortEntries } from "../../docker_magics/widgets/src/files";

describe("parseListing", () => {
  test("reads coreutils' ls -lA", () => {
    const output = [
      "total 8",
      "drwxr-xr-x 2 root root 4096 Jan  1 12:00 etc",
      "-rw-r--r--. 1 1000 users 1234 Feb 28  2023 notes.txt",
      "lrwxrwxrwx 1 root root 7 Jan  1 12:00 bin -> usr/bin",
      "crw-rw-rw- 1 root root 1, 3 Jan  1 12:00 null",
      "",
    ].join("\n");
    expect(parseListing(output)).toEqual([
      { kind: "d", size: 4096, name: "etc" },
      { kind: "-", size: 1234, name: "notes.txt" },
      { kind: "l", size: 7, name: "bin" },
      { kind: "c", size: 1, name: "null" },
    ]);
  });

  test("reads BusyBox's ls -lA, whose lines a TTY may end with CR", () => {
    const output = "total 4\r\n-rwxr-xr-x    1 root     root        828 Sep 26 21:31 sh\r\n";
    expect(parseListing(output)).toEqual([{ kind: "-", size: 828, name: "sh" }]);
  });

  test.each(["two words", " leading", "a -> b", "<img src=x>", "-rf", "$(id)", "..", "한글"])(
    "keeps the name %j",
    (name) => {
      expect(parseListing(`-rw-r--r-- 1 root root 0 Jan  1 12:00 ${name}`)).toEqual([
        { kind: "-", size: 0, name },
      ]);
    },
  );

  test("cuts a link's target off at the first arrow", () => {
    const [link] = parseListing("lrwxrwxrwx 1 root root 7 Jan  1 12:00 a -> b -> c");
    expect(link?.name).toBe("a");
  });

  test.each([
    "",
    "total 0",
    "ls: /root: Permission denied",
    "-rw-r--r-- 1 root root huge Jan  1 12:00 a",
    "?????????? ? ? ? ? ? a",
    "-rw-r--r-- 1 root root 0 Jan  1 12:00 ",
  ])("skips %j", (output) => expect(parseListing(output)).toEqual([]));

  test("takes long garbage in linear time", () => {
    const start = performance.now();
    expect(parseListing(`-rw-r--r-- ${"1 ".repeat(100_000)}`).length).toBeLessThan(2);
    expect(performance.now() - start).toBeLessThan(2000);
  });
});

test("sortEntries puts folders first, then sorts by name", () => {
  const entry = (kind: string, name: string) => ({ kind, name, size: 0 });
  const entries = [entry("-", "b"), entry("d", "z"), entry("l", "a"), entry("d", "c")];
  expect(sortEntries(entries).map(({ name }) => name)).toEqual(["c", "z", "a", "b"]);
  expect(entries[0]?.name).toBe("b");
});

test.each([
  ["/", ["/"]],
  ["/etc/ssl", ["/", "/etc", "/etc/ssl"]],
  ["//etc//", ["/", "/etc"]],
  ["/a b/<i>", ["/", "/a b", "/a b/<i>"]],
])("ancestors of %j", (path, paths) => {
  expect(ancestors(path).map((folder) => folder.path)).toEqual(paths);
});
