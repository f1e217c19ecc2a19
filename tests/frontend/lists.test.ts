// @vitest-environment jsdom
import { beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { Detail, type DetailHost } from "../../docker_magics/widgets/src/detail";
import { type ListHost, volumes } from "../../docker_magics/widgets/src/lists";
import { speaker } from "../../docker_magics/widgets/src/say";

const volume = (name: string) => ({ name, driver: "local", mountpoint: "/x" });

beforeAll(() => {
  // jsdom has no layout
  vi.stubGlobal(
    "ResizeObserver",
    class {
      observe(): void {}
      disconnect(): void {}
    },
  );
});

test("a list tells which items are gone", () => {
  const list = volumes({ say: speaker("en"), root: document.body } as ListHost);
  expect(list.update([volume("a"), volume("b")])).toEqual([]);
  expect(list.update([volume("b"), volume("c")])).toEqual(["a"]);
  expect(list.update([])).toEqual(["b", "c"]);
});

describe("the details of an object", () => {
  let detail: Detail;

  beforeEach(() => {
    const lines = { run: () => 1 };
    detail = new Detail({ say: speaker("en"), lines, logLine: () => {} } as unknown as DetailHost);
    detail.inspect("volume inspect a", "a");
  });

  test("close when it is removed", () => {
    detail.closeRemoved(["b"]);
    expect(detail.root.hidden).toBe(false);
    detail.closeRemoved(["a", "b"]);
    expect(detail.root.hidden).toBe(true);
  });

  test("stay when others took their place", () => {
    detail.text("a", "a line of a log");
    detail.closeRemoved(["a"]);
    expect(detail.root.hidden).toBe(false);
  });
});
