// @vitest-environment jsdom
import { beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { el } from "../../docker_magics/widgets/src/dom";
import { rowsInView, VirtualTable } from "../../docker_magics/widgets/src/virtual";

describe("rowsInView", () => {
  test.each([
    ["the top", 0, 100, 50, [0, 10]],
    ["the middle", 2500, 100, 50, [46, 56]],
    ["the end", 4900, 100, 50, [94, 100]],
    ["beyond the end, when the list has shrunk", 1e6, 100, 50, [100, 100]],
    ["no height yet", 0, 0, 50, [0, 8]],
    ["overscroll", -300, 100, 50, [0, 10]],
  ])("at %s", (_name, scrollTop, height, rowHeight, range) => {
    expect(rowsInView(scrollTop, height, rowHeight, 100)).toEqual(range);
  });

  test("of an empty list are none", () => expect(rowsInView(0, 100, 50, 0)).toEqual([0, 0]));
});

interface Item {
  id: string;
  state: string;
}

const items = (count: number): Item[] =>
  Array.from({ length: count }, (_, index) => ({ id: `item${index}`, state: "up" }));

describe("VirtualTable", () => {
  let table: VirtualTable<Item>;
  let inView: string[];
  let follows: boolean[]; // what the table reported
  let resize: () => void;

  beforeAll(() => {
    // jsdom has no layout
    vi.stubGlobal(
      "ResizeObserver",
      class {
        constructor(resized: () => void) {
          resize = resized;
        }
        observe(): void {}
        disconnect(): void {}
      },
    );
  });

  beforeEach(() => {
    table = new VirtualTable<Item>(
      {
        label: "Items",
        rowHeight: 50,
        columns: [
          { heading: "Name", className: "name" },
          { heading: "State", className: "state" },
        ],
        key: ({ id }) => id,
        cells: ({ id, state }) => [
          el("div", {}, el("button", { "data-verb": "name" }, id)),
          el("div", {}, state, el("button", { "data-verb": "Stop" }, "Stop")),
        ],
      },
      (shown) => {
        inView = shown.map(({ id }) => id);
      },
      (isFollowing) => follows.push(isFollowing),
    );
    follows = [];
    document.body.replaceChildren(table.root);
  });

  const rows = (): Element[] => [...table.root.querySelectorAll(".dm-space > .dm-row")];
  const button = (id: string, verb: string): HTMLElement =>
    table.row(id)?.querySelector(`[data-verb="${verb}"]`) as HTMLElement;

  function scrollTo(top: number): void {
    const viewport = table.root.querySelector(".dm-viewport") as HTMLElement;
    viewport.scrollTop = top;
    viewport.dispatchEvent(new Event("scroll"));
  }

  test("has few rows in the DOM, and tells screen readers of all", () => {
    table.show(items(500));
    expect(rows()).toHaveLength(8);
    expect(inView).toEqual(items(8).map(({ id }) => id));
    expect(table.root.getAttribute("aria-rowcount")).toBe("501");
    expect(rows()[0]?.getAttribute("aria-rowindex")).toBe("2"); // the head is 1
    expect((table.root.querySelector(".dm-space") as HTMLElement).style.height).toBe("25000px");
  });

  test("shows other rows when it is scrolled", () => {
    table.show(items(500));
    scrollTo(5000);
    expect(inView[0]).toBe("item96");
    expect(table.row("item0")).toBeUndefined();
    expect(table.row("item96")?.style.transform).toBe("translateY(4800px)");
  });

  test("keeps the elements of rows that stay in view", () => {
    table.show(items(3));
    const row = table.row("item2");
    table.show(items(3).slice(1));
    expect(table.row("item2")).toBe(row);
    expect(row?.style.transform).toBe("translateY(50px)");
    expect(table.row("item0")).toBeUndefined();
  });

  test("has no row for an empty list", () => {
    table.show(items(3));
    table.show([]);
    expect(rows()).toEqual([]);
    expect(inView).toEqual([]);
  });

  test("renders text as text", () => {
    table.show([{ id: "<img src=x onerror=alert(1)>", state: "<script>" }]);
    expect(table.root.querySelector("img, script")).toBeNull();
    expect(rows()[0]?.textContent).toContain("<img src=x onerror=alert(1)>");
  });

  test("replaces only the cells that changed", () => {
    table.show(items(1));
    const [name, state] = [...(table.row("item0")?.children ?? [])];
    table.update([{ id: "item0", state: "down" }]);
    expect(table.row("item0")?.children[0]).toBe(name);
    expect(table.row("item0")?.children[1]).not.toBe(state);
    expect(table.row("item0")?.textContent).toContain("down");
  });

  test("restores a cell that was changed in place", () => {
    table.show(items(1));
    button("item0", "Stop").textContent = "SIGKILL in 3 s";
    table.update([{ id: "item0", state: "down" }]);
    expect(button("item0", "Stop").textContent).toBe("Stop");
  });

  test("keeps a cell whose menu is open", () => {
    table.show(items(1));
    const name = button("item0", "name");
    name.after(el("div", { popover: "manual" }));
    table.update([{ id: "item0", state: "down" }]);
    expect(button("item0", "name")).toBe(name);
  });

  test("keeps the focus on the same verb", () => {
    table.show(items(2));
    button("item1", "Stop").focus();
    table.update([{ id: "item1", state: "down" }]);
    expect(document.activeElement).toBe(button("item1", "Stop"));
  });

  test("does not take the focus from elsewhere", () => {
    table.show(items(2));
    button("item0", "Stop").focus();
    table.update([{ id: "item1", state: "down" }]);
    expect(document.activeElement).toBe(button("item0", "Stop"));
  });

  test("ignores updates of rows out of view", () => {
    table.show(items(100));
    table.update([{ id: "item90", state: "down" }]);
    expect(table.row("item90")).toBeUndefined();
  });

  describe("that follows its end", () => {
    // Gives the viewport a height, and its content that of the rows.
    function layOut(height: number): HTMLElement {
      const viewport = table.root.querySelector(".dm-viewport") as HTMLElement;
      const space = viewport.firstElementChild as HTMLElement;
      Object.defineProperty(viewport, "clientHeight", { configurable: true, value: height });
      Object.defineProperty(viewport, "scrollHeight", {
        configurable: true,
        get: () => Number.parseInt(space.style.height, 10),
      });
      return viewport;
    }

    beforeEach(() => {
      layOut(200);
      table.follow(true);
      table.show(items(100));
    });

    test("shows rows that come", () => {
      table.show(items(200));
      expect(inView.at(-1)).toBe("item199");
    });

    test("shows the end in a smaller view", () => {
      scrollTo(4800); // the end, where a browser stops
      follows = [];
      layOut(100).dispatchEvent(new Event("scroll"));
      expect(follows).toEqual([]);
      resize();
      table.show(items(200));
      expect(inView.at(-1)).toBe("item199");
    });

    test("reports that the user scrolls up, and back to the end", () => {
      scrollTo(4800);
      scrollTo(3000);
      scrollTo(3100);
      scrollTo(4780);
      expect(follows).toEqual([true, false, true]);
    });
  });
});
