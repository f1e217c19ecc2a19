// A container's log with a search box.
import { el, setText } from "./dom";
import type { Say } from "./say";

const MAX_LINES = 5000;
const BOTTOM_PX = 4; // nearer to the end than this is at the end
// biome-ignore lint/suspicious/noControlCharactersInRegex: ECMA-48 sequences start with ESC
export const CONTROL_SEQUENCE = /\x1b\[[0-?]*[ -/]*[@-~]/g;

// The last lines of a stream that arrives in parts, without control sequences (colors).
export class LogBuffer {
  private complete: string[] = [];
  private rest = ""; // after the last newline

  add(text: string): void {
    const parts = (this.rest + text).replace(CONTROL_SEQUENCE, "").split("\n");
    this.rest = parts.pop() ?? "";
    this.complete = [...this.complete, ...parts].slice(-MAX_LINES);
  }

  get lines(): string[] {
    return this.rest ? [...this.complete, this.rest] : this.complete;
  }

  // Returns the lines that contain a lower-case text, in any case.
  search(text: string): string[] {
    return text ? this.lines.filter((line) => line.toLowerCase().includes(text)) : this.lines;
  }
}

export class Log {
  readonly pre = el("pre", {
    class: "dm-output dm-log",
    tabindex: "0",
    role: "region",
  });
  readonly tools: HTMLElement;
  private readonly count = el("span", { class: "dm-sub" });
  private readonly buffer = new LogBuffer();
  private query = "";

  constructor(private readonly say: Say) {
    this.pre.setAttribute("aria-label", say("logs"));
    const search = el("input", {
      type: "search",
      class: "dm-search",
      placeholder: say("search the logs"),
      "aria-label": say("search the logs"),
      oninput: () => {
        this.query = search.value.toLowerCase();
        this.draw();
      },
    });
    this.tools = el("div", { class: "dm-tools" }, search, this.count);
  }

  add(text: string): void {
    this.buffer.add(text);
    this.draw();
  }

  // Follows the end of the log while the user has not scrolled up.
  private draw(): void {
    const { scrollTop, clientHeight, scrollHeight } = this.pre;
    const isAtEnd = scrollTop + clientHeight >= scrollHeight - BOTTOM_PX;
    const shown = this.buffer.search(this.query);
    const total = this.say("count.lines", { count: this.buffer.lines.length });
    const some = this.say("count.some", { some: shown.length, all: total });
    setText(this.count, this.query ? some : total);
    setText(this.pre, shown.join("\n"));
    if (isAtEnd) this.pre.scrollTop = this.pre.scrollHeight;
  }
}
