// The logs of all containers, or of those of a project: searched, filtered, followed.
import type { Container } from "./container";
import { el, setText } from "./dom";
import { Entries, type Entry } from "./entries";
import { type Lines, line } from "./lines";
import { projectsOf } from "./project";
import type { Say, TextKey } from "./say";
import { VirtualTable } from "./virtual";

export interface LogsHost {
  say: Say;
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
  private readonly say: Say;
  private readonly choice: HTMLSelectElement;
  private readonly follow: HTMLElement;
  private readonly times: HTMLElement;
  private readonly count = el("span", { class: "dm-count", role: "status" });
  private readonly empty = el("div", { class: "dm-empty" });
  private readonly actions = new Map<string, number>(); // by container
  private entries = new Entries();
  private query = "";
  private isOpen = false;
  private isFollowing = true;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly host: LogsHost) {
    this.say = host.say;
    this.choice = this.makeChoice();
    this.follow = this.chip("follow", () => this.setFollowing(!this.isFollowing));
    this.times = this.chip("timestamps", () => this.toggleTimes());
    this.table = new VirtualTable<Entry>(
      {
        label: this.say("log lines"),
        rowHeight: 22,
        columns: [
          { heading: this.say("time"), className: "dm-c-clock" },
          { heading: this.say("container"), className: "dm-c-source" },
          { heading: this.say("text"), className: "dm-c-text" },
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
      option("", this.say("all containers")),
      ...(projects.length ? [el("optgroup", { label: this.say("projects") }, ...projects)] : []),
      ...(names.length ? [el("optgroup", { label: this.say("containers") }, ...names)] : []),
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
    setText(this.count, this.say("count.lines", { count: shown.length }));
    this.table.root.hidden = !shown.length;
    this.table.show(shown);
    this.empty.hidden = shown.length > 0;
    setText(this.empty, this.say(this.query ? "no line matches" : "no lines"));
  }

  private setFollowing(isFollowing: boolean): void {
    this.isFollowing = isFollowing;
    press(this.follow, isFollowing);
    this.table.follow(isFollowing);
  }

  private toggleTimes(): void {
    press(this.times, !this.root.classList.toggle("dm-no-times"));
  }

  private makeChoice(): HTMLSelectElement {
    const label = this.say("containers");
    const onchange = (): void => this.restart();
    return el("select", { class: "dm-select", "aria-label": label, onchange });
  }

  private chip(key: TextKey, act: () => void): HTMLElement {
    return el("button", { type: "button", class: "dm-chip", onclick: act }, this.say(key));
  }

  private search(): HTMLElement {
    const search = el("input", {
      type: "search",
      class: "dm-search",
      placeholder: this.say("search the logs"),
      "aria-label": this.say("search all logs"),
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
