// A virtual table: only the rows in view are in the DOM, so 500 containers cost as much as ten.
import { el } from "./dom";

export interface Shape<T> {
  label: string;
  columns: { heading: string; className: string }[];
  rowHeight: number;
  key(item: T): string;
  cells(item: T): HTMLElement[]; // one per column
}

// A cell in the DOM, and its HTML when it was rendered: later changes (meters) do not count.
interface Cell {
  element: HTMLElement;
  html: string;
}

interface Row {
  element: HTMLElement;
  cells: Cell[];
  source: string; // the item as JSON
}

const OVERSCAN = 4; // rows above and below the view

// Returns the indices [start, end) of the rows to render.
export function rowsInView(
  scrollTop: number,
  height: number,
  rowHeight: number,
  count: number,
): [start: number, end: number] {
  const start = Math.max(0, Math.floor(scrollTop / rowHeight) - OVERSCAN);
  return [
    Math.min(start, count),
    Math.min(count, start + Math.ceil(height / rowHeight) + 2 * OVERSCAN),
  ];
}

export class VirtualTable<T> {
  readonly root: HTMLElement;
  private readonly viewport = el("div", { class: "dm-viewport", role: "rowgroup", tabindex: "-1" });
  private readonly space = el("div", { class: "dm-space", role: "presentation" });
  private readonly rows = new Map<string, Row>(); // those in the DOM, by key
  private items: T[] = [];
  private isFollowing = false;
  private scrolledTo = 0; // the scrollTop of the last scroll event
  private readonly resizes = new ResizeObserver(() => this.redraw());

  constructor(
    private readonly shape: Shape<T>,
    private readonly onView: (items: T[]) => void = () => undefined,
    private readonly onFollow?: (isFollowing: boolean) => void,
  ) {
    const headings = shape.columns.map(({ heading, className }) =>
      el("div", { role: "columnheader", class: className }, heading),
    );
    const head = el("div", { class: "dm-row dm-head", role: "row" }, ...headings);
    this.viewport.append(this.space);
    this.root = el(
      "div",
      { class: "dm-table", role: "table", "aria-label": shape.label },
      el("div", { role: "rowgroup" }, head),
      this.viewport,
    );
    this.viewport.addEventListener("scroll", () => this.scrolled());
    this.resizes.observe(this.viewport);
  }

  show(items: T[]): void {
    this.items = items;
    this.root.setAttribute("aria-rowcount", String(items.length + 1));
    this.space.style.height = `${items.length * this.shape.rowHeight}px`;
    this.redraw();
  }

  // Keeps the last row in view, or ends that.
  follow(isFollowing: boolean): void {
    this.isFollowing = isFollowing;
    if (isFollowing && !this.isAtEnd) this.viewport.scrollTop = this.viewport.scrollHeight;
  }

  private redraw(): void {
    this.follow(this.isFollowing);
    this.draw();
  }

  // Reports that the user scrolls to the end or away from it. A view that became smaller, or rows
  // that came since, are not the user's doing: they never move the view up.
  private scrolled(): void {
    const { scrollTop } = this.viewport;
    const hasMovedUp = scrollTop < this.scrolledTo;
    this.scrolledTo = scrollTop;
    this.draw();
    if (hasMovedUp || this.isAtEnd) this.onFollow?.(this.isAtEnd);
  }

  private get isAtEnd(): boolean {
    const { scrollTop, clientHeight, scrollHeight } = this.viewport;
    return scrollTop + clientHeight >= scrollHeight - this.shape.rowHeight;
  }

  // Returns the element of a row in view.
  row(key: string): HTMLElement | undefined {
    return this.rows.get(key)?.element;
  }

  private draw(): void {
    const { scrollTop, clientHeight } = this.viewport;
    const { rowHeight, key } = this.shape;
    const [start, end] = rowsInView(scrollTop, clientHeight, rowHeight, this.items.length);
    const items = this.items.slice(start, end);
    const keys = new Set(items.map(key));
    for (const [id, row] of this.rows) {
      if (keys.has(id)) continue;
      row.element.remove();
      this.rows.delete(id);
    }
    for (const [index, item] of items.entries()) this.place(item, start + index);
    this.onView(items);
  }

  private place(item: T, index: number): void {
    const { element } = this.rows.get(this.shape.key(item)) ?? this.add(item);
    element.style.transform = `translateY(${index * this.shape.rowHeight}px)`;
    element.style.height = `${this.shape.rowHeight}px`;
    element.setAttribute("aria-rowindex", String(index + 2));
    element.classList.toggle("dm-odd", index % 2 === 1);
  }

  private add(item: T): Row {
    const cells = this.render(item);
    const element = el("div", { class: "dm-row", role: "row" });
    // Spaces separate the cells for screen readers and in copied text.
    element.append(...cells.flatMap((cell) => [cell.element, " "]));
    const row = { element, cells, source: JSON.stringify(item) };
    this.rows.set(this.shape.key(item), row);
    this.space.append(element);
    return row;
  }

  private render(item: T): Cell[] {
    return this.shape.cells(item).map((element, column) => {
      element.setAttribute("role", "cell");
      const className = this.shape.columns[column]?.className;
      if (className) element.classList.add(className);
      return { element, html: element.outerHTML };
    });
  }

  // Renders the given items again if they are in view and have changed. The focus stays where it is.
  update(items: T[]): void {
    for (const item of items) {
      const row = this.rows.get(this.shape.key(item));
      const source = JSON.stringify(item);
      if (!row || row.source === source) continue;
      row.source = source;
      keepFocus(row.element, () => this.replaceCells(row, item));
    }
  }

  private replaceCells(row: Row, item: T): void {
    const rendered = this.render(item);
    row.cells = row.cells.map((cell, column) => {
      const next = rendered[column];
      if (!next || isCurrent(cell, next.html)) return cell;
      cell.element.replaceWith(next.element);
      return next;
    });
  }

  dispose(): void {
    this.resizes.disconnect();
  }
}

// Whether a cell can stay: it would render the same and was not changed since, or has an open menu.
function isCurrent({ element, html }: Cell, next: string): boolean {
  const isUnchanged = element.outerHTML === next || element.querySelector("[popover]") !== null;
  return html === next && isUnchanged;
}

// Moves the focus to the button of the same verb if the change removes the focused one.
function keepFocus(row: HTMLElement, change: () => void): void {
  const focused = document.activeElement as HTMLElement | null;
  const hadFocus = row.contains(focused);
  change();
  if (!hadFocus || row.contains(document.activeElement)) return;
  const same = row.querySelector<HTMLElement>(`[data-verb="${focused?.dataset.verb}"]`);
  (same ?? row.querySelector("button"))?.focus();
}
