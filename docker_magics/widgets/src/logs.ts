// The logs of all containers, or of those of a project: searched, filtered, followed.
import type { Container } from "./container";
import { el, setText } from "./dom";
import { Entries, type Entry } from "./entries";
import { pluralize } from "./format";
import { type Lines, line } from "./lines";
import { projectsOf } from "./project";
import { VirtualTable } from "./virtual";

export interface LogsHost {
  lines: Lines;
  containers(): Container[];
  showText(title: string, text: string): void;
}

const MAX_FOLLOWED = 50; // containers
const MAX_LINES = 100_000; // of all containers together
const DRAW_MS = 150;
const RETRY_MS = 1000;
const HUES = 6;

export class Logs {
  readonly root: HTMLElement;
  private readonly table: VirtualTable<Entry>;
  private readonly choice = el("select", {
    class: "dm-select",
    "aria-label": "Containers",
    onchange: () => this.restart(),
  });
  private readonly follow = chip("Follow", () => this.setFollowing(!this.isFollowing));
  private readonly times = chip("Timestamps", () => this.toggleTimes());
  private readonly count = el("span", { class: "dm-count", role: "status" });
  private readonly empty = el("div", { class: "dm-empty" });
  private readonly actions = new Map<string, number>(); // by container
  private entries = new Entries();
  private query = "";
  private isOpen = false;
  private isFollowing = true;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly host: LogsHost) {
    this.table = new VirtualTable<Entry>(
      {
        label: "Log lines",
        rowHeight: 22,
        columns: [
          { heading: "Time", className: "dm-c-clock" },
          { heading: "Container", className: "dm-c-source" },
          { heading: "Text", className: "dm-c-text" },
        ],
        key: ({ id }) => String(id),
        cells: (entry) => this.cells(entry),
      },
      undefined,
      (isFollowing) => this.setFollowing(isFollowing),
    );
    const tools = [this.choice, this.search(), this.follow, this.times, this.count];
    this.root = el(
      "div",
      { class: "dm-page dm-logs" },
      el("div", { class: "dm-tools" }, ...tools),
      this.table.root,
      this.empty,
    );
    press(this.follow, true);
    press(this.times, true);
  }

  // Starts to read the logs, of one project if it is named.
  open(project?: string): void {
    this.isOpen = true;
    this.drawChoice();
    if (project) this.choice.value = `project ${project}`;
    this.restart();
  }

  // Stops reading.
  close(): void {
    this.isOpen = false;
    this.stop();
  }

  // Follows the containers that have started since.
  update(): void {
    if (!this.isOpen) return;
    this.drawChoice();
    this.start();
  }

  private drawChoice(): void {
    const containers = this.host.containers();
    const projects = projectsOf(containers).map((name) => option(`project ${name}`, name));
    const names = containers.map(({ id, name }) => option(`container ${id}`, name));
    const chosen = this.choice.value;
    this.choice.replaceChildren(
      option("", "All containers"),
      ...(projects.length ? [el("optgroup", { label: "Projects" }, ...projects)] : []),
      ...(names.length ? [el("optgroup", { label: "Containers" }, ...names)] : []),
    );
    this.choice.value = chosen;
    if (this.choice.selectedIndex < 0) this.choice.value = "";
  }

  // The containers to follow: the running ones first.
  private chosen(): Container[] {
    const [kind, name] = this.choice.value.split(/ (.*)/);
    const isChosen = ({ id, compose }: Container): boolean =>
      !kind || (kind === "project" ? compose?.project === name : id === name);
    const isRunning = ({ state }: Container): number => Number(state === "running");
    return this.host
      .containers()
      .filter(isChosen)
      .sort((one, other) => isRunning(other) - isRunning(one))
      .slice(0, MAX_FOLLOWED);
  }

  private restart(): void {
    this.stop();
    this.entries = new Entries(MAX_LINES);
    this.setFollowing(true);
    this.start();
    this.draw();
  }

  private start(): void {
    const containers = this.chosen();
    const lines = String(Math.floor(MAX_LINES / Math.max(1, containers.length)));
    for (const { id, state } of containers) {
      if (this.actions.has(id)) continue;
      const last = this.entries.resume(id);
      if (last && state !== "running") continue;
      const part = last ? ["--since", last] : ["--tail", lines];
      const text = line("logs", "-f", "-t", ...part, id);
      const entries = this.entries;
      const action = this.host.lines.run(text, {
        output: (more) => {
          entries.add(id, more);
          this.drawSoon();
        },
        done: () => this.ended(id, state),
      });
      this.actions.set(id, action);
    }
  }

  private ended(id: string, state: string): void {
    this.actions.delete(id);
    if (state !== "running") return; // its log is complete, until it is started
    setTimeout(() => this.isOpen && this.start(), RETRY_MS);
  }

  private stop(): void {
    for (const action of this.actions.values()) this.host.lines.stop(action);
    this.actions.clear();
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  private drawSoon(): void {
    this.timer ??= setTimeout(() => this.draw(), DRAW_MS);
  }

  private draw(): void {
    this.timer = undefined;
    const shown = this.entries.search(this.query);
    setText(this.count, pluralize(shown.length, "line"));
    this.table.root.hidden = !shown.length;
    this.table.show(shown);
    this.empty.hidden = shown.length > 0;
    setText(this.empty, this.query ? "No line matches." : "No log lines yet.");
  }

  private setFollowing(isFollowing: boolean): void {
    this.isFollowing = isFollowing;
    press(this.follow, isFollowing);
    this.table.follow(isFollowing);
  }

  private toggleTimes(): void {
    press(this.times, !this.root.classList.toggle("dm-no-times"));
  }

  private search(): HTMLElement {
    const search = el("input", {
      type: "search",
      class: "dm-search",
      placeholder: "Search the logs",
      "aria-label": "Search all logs",
      oninput: () => {
        this.query = search.value.toLowerCase();
        this.draw();
      },
    });
    return search;
  }

  private cells({ time, container, text }: Entry): HTMLElement[] {
    const name = this.host.containers().find(({ id }) => id === container)?.name ?? container;
    const attributes = {
      type: "button",
      class: "dm-log-text",
      title: text,
      onclick: () => this.host.showText(`${name}, ${time}`, text),
    };
    return [
      el("div", { title: time }, clock(time)),
      el("div", { class: `dm-hue-${hueOf(name)}`, title: name }, name),
      el("div", {}, el("button", attributes, text)),
    ];
  }

  dispose(): void {
    this.close();
    this.table.dispose();
  }
}

function option(value: string, text: string): HTMLElement {
  return el("option", { value }, text);
}

function chip(text: string, act: () => void): HTMLElement {
  return el("button", { type: "button", class: "dm-chip", onclick: act }, text);
}

function press(button: HTMLElement, isPressed: boolean): void {
  button.setAttribute("aria-pressed", String(isPressed));
}

// The browser's time of day: `14:03:09.120`.
export function clock(time: string): string {
  const date = new Date(time);
  if (Number.isNaN(date.getTime())) return time;
  const milliseconds = String(date.getMilliseconds()).padStart(3, "0");
  return `${date.toLocaleTimeString("en-GB")}.${milliseconds}`;
}

function hueOf(name: string): number {
  return [...name].reduce((sum, letter) => sum + letter.charCodeAt(0), 0) % HUES;
}
