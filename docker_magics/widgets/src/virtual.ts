// A table of which only the rows in sight exist: five hundred containers cost as much as ten.
import { el } from "./dom";

export interface Shape<T> {
  label: string;
  columns: { heading: string; className: string }[];
  rowHeight: number;
  key(item: T): string;
  make(item: T): HTMLElement[]; // a row's cells
  update?(row: HTMLElement, item: T): void;
}

interface Made {
  cell: HTMLElement;
  html: string;
}

// Whether a cell is still what it was made as, or has its menu open, and would come out the same.
function stays({ cell, html }: Made, now: string): boolean {
  return html === now && (cell.outerHTML === now || cell.querySelector("[popover]") !== null);
}

const BEYOND = 4; // rows above and below what is in sight

export class VirtualTable<T> {
  readonly root: HTMLElement;
  private readonly viewport = el("div", { class: "dm-viewport", role: "rowgroup", tabindex: "-1" });
  private readonly space = el("div", { class: "dm-space", role: "presentation" });
  private readonly rows = new Map<string, HTMLElement>();
  private readonly drawn = new WeakMap<HTMLElement, string>(); // what a row was made of
  private readonly made = new WeakMap<HTMLElement, Made[]>(); // and what came out
  private items: T[] = [];
  private readonly resized = new ResizeObserver(() => this.draw());

  constructor(
    private readonly shape: Shape<T>,
    private readonly inSight: (items: T[]) => void = () => undefined,
  ) {
    const headings = shape.columns.map(({ heading, className }) =>
      el("div", { role: "columnheader", class: className }, heading),
    );
    this.viewport.append(this.space);
    this.root = el(
      "div",
      { class: "dm-table", role: "table", "aria-label": shape.label },
      el("div", { role: "rowgroup" }, el("div", { class: "dm-row dm-head", role: "row" }, ...headings)),
      this.viewport,
    );
    this.viewport.addEventListener("scroll", () => this.draw());
    this.resized.observe(this.viewport);
  }

  show(items: T[]): void {
    this.items = items;
    this.root.setAttribute("aria-rowcount", String(items.length + 1));
    this.space.style.height = `${items.length * this.shape.rowHeight}px`;
    this.draw();
  }

  // The element of a row in sight.
  row(key: string): HTMLElement | undefined {
    return this.rows.get(key);
  }

  private draw(): void {
    const { rowHeight, key } = this.shape;
    const first = Math.max(0, Math.floor(this.viewport.scrollTop / rowHeight) - BEYOND);
    const count = Math.ceil(this.viewport.clientHeight / rowHeight) + 2 * BEYOND;
    const shown = this.items.slice(first, first + count);
    const wanted = new Set(shown.map(key));
    for (const [each, row] of this.rows) {
      if (wanted.has(each)) continue;
      row.remove();
      this.rows.delete(each);
    }
    shown.forEach((item, place) => this.place(item, first + place));
    this.inSight(shown);
  }

  private place(item: T, index: number): void {
    const id = this.shape.key(item);
    let row = this.rows.get(id);
    if (!row) {
      row = el("div", { class: "dm-row", role: "row" });
      this.rows.set(id, row);
      this.fill(row, item);
      this.space.append(row);
    }
    row.style.transform = `translateY(${index * this.shape.rowHeight}px)`;
    row.style.height = `${this.shape.rowHeight}px`;
    row.setAttribute("aria-rowindex", String(index + 2));
    row.classList.toggle("dm-odd", index % 2 === 1);
    this.shape.update?.(row, item);
  }

  // Cells that would come out the same stay: a menu that is open in one, too.
  private fill(row: HTMLElement, item: T): void {
    this.drawn.set(row, JSON.stringify(item));
    const cells = this.shape.make(item);
    cells.forEach((cell, place) => {
      cell.setAttribute("role", "cell");
      cell.classList.add(this.shape.columns[place].className);
    });
    const before = this.made.get(row);
    const made = cells.map((cell, place) => {
      const html = cell.outerHTML;
      return before && stays(before[place], html) ? before[place] : { cell, html };
    });
    this.made.set(row, made);
    if (before) made.forEach((each, place) => each !== before[place] && before[place].cell.replaceWith(each.cell));
    else row.replaceChildren(...cells.flatMap((cell) => [cell, " "])); // as text, words stay apart
  }

  // Makes the rows of these items anew where they are in sight and differ, and keeps the focus in them.
  renew(changed: T[]): void {
    for (const item of changed) {
      const row = this.rows.get(this.shape.key(item));
      if (!row || this.drawn.get(row) === JSON.stringify(item)) continue;
      const focused = (document.activeElement as HTMLElement | null)?.dataset.verb;
      const had = row.contains(document.activeElement);
      this.fill(row, item);
      if (had && !row.contains(document.activeElement)) (row.querySelector<HTMLElement>(`[data-verb="${focused}"]`) ?? row.querySelector("button"))?.focus();
    }
  }

  dispose(): void {
    this.resized.disconnect();
  }
}
