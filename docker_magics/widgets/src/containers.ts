// The table of containers: a row each, with the verbs that its state allows.
import { Series } from "./charts";
import {
  type Container,
  creationLine,
  detailOf,
  matches,
  merge,
  named,
  PAGES,
  type Page,
  type Port,
  portText,
  verbsOf,
} from "./container";
import { ask, type Question } from "./dialog";
import { el, setText } from "./dom";
import { formatBytes, pluralize } from "./format";
import { icon } from "./icons";
import { line } from "./lines";
import { Menu } from "./menu";
import {
  type Compose,
  isProject,
  knownProjects,
  type Project,
  projectLine,
  type Row,
  rowsOf,
  stateOf,
  upLine,
} from "./project";
import { VirtualTable } from "./virtual";

// What the table needs from the dashboard.
export interface Host {
  root: HTMLElement;
  images(): string[];
  portAddress(port: number): string;
  run(text: string): void;
  open(container: Container, page: Page): void;
  openLogs(project: string): void;
  setVisible(ids: string[]): void;
}

const FILTERS = ["all", "running", "paused", "exited"] as const;
type Filter = (typeof FILTERS)[number];
const MAX_PORTS = 2; // that fit into a row
const CPU_SCALE = 5; // percent
const MEMORY_SCALE = 1e6; // bytes

interface Meter {
  cpu: Series;
  memory: Series;
}

export class Containers {
  readonly root: HTMLElement;
  private all: Container[] = [];
  private projects: Compose[] = [];
  private readonly closed = new Set<string>(); // names of projects
  private filter: Filter = "all";
  private query = "";
  private isLoaded = false;
  private readonly meters = new Map<string, Meter>(); // by id
  private readonly countdowns = new Map<string, string>(); // by name
  private readonly count = el("span", { class: "dm-count", role: "status" });
  private readonly empty = el("div", { class: "dm-empty" }, "Loading…");
  private readonly chips: HTMLButtonElement[];
  private readonly table: VirtualTable<Row>;
  private readonly menu = new Menu();

  constructor(private readonly host: Host) {
    this.table = this.makeTable();
    this.chips = FILTERS.map((filter) =>
      el(
        "button",
        {
          type: "button",
          class: "dm-chip",
          "aria-pressed": filter === "all",
          onclick: () => this.choose(filter),
        },
        filter,
      ),
    );
    this.root = el("div", { class: "dm-page" }, this.tools(), this.table.root, this.empty);
  }

  private makeTable(): VirtualTable<Row> {
    const shape = {
      label: "Containers",
      rowHeight: 52,
      columns: [
        { heading: "Name", className: "dm-c-name" },
        { heading: "State", className: "dm-c-state" },
        { heading: "Ports", className: "dm-c-ports" },
        { heading: "CPU", className: "dm-c-meter" },
        { heading: "Memory", className: "dm-c-meter" },
        { heading: "Actions", className: "dm-c-actions" },
      ],
      key: (row: Row) => (isProject(row) ? `project ${row.compose.project}` : row.id),
      cells: (row: Row) => (isProject(row) ? this.projectCells(row) : this.cells(row)),
    };
    return new VirtualTable<Row>(shape, (inView) => {
      const containers = inView.filter((row): row is Container => !isProject(row));
      const running = containers.filter(({ state }) => state === "running");
      this.host.setVisible(running.map(({ id }) => id));
    });
  }

  private tools(): HTMLElement {
    const search = el("input", {
      type: "search",
      class: "dm-search",
      placeholder: "Search name, image, state",
      "aria-label": "Search containers",
      oninput: () => {
        this.query = search.value.toLowerCase();
        this.refresh();
      },
    });
    const chips = { class: "dm-chips", role: "group", "aria-label": "State" };
    const create = { type: "button", class: "dm-button dm-primary", onclick: () => this.create() };
    return el(
      "div",
      { class: "dm-tools" },
      search,
      el("span", chips, ...this.chips),
      this.count,
      el("button", create, "Create"),
    );
  }

  get list(): Container[] {
    return this.all;
  }

  get(id: string): Container | undefined {
    return this.all.find((container) => container.id === id);
  }

  // Takes the whole list, or changes to it.
  update(containers: Container[], removed: string[], isWhole: boolean): void {
    this.isLoaded = true;
    this.all = isWhole ? containers : merge(this.all, containers, removed);
    for (const { name, state } of containers) if (state !== "running") this.countdowns.delete(name);
    const ids = new Set(this.all.map(({ id }) => id));
    for (const id of this.meters.keys()) if (!ids.has(id)) this.meters.delete(id);
    this.projects = knownProjects(this.projects, this.all);
    this.refresh();
  }

  addUsage(id: string, cpu: number, memory: number): void {
    const meter = this.meters.get(id) ?? { cpu: new Series(), memory: new Series() };
    this.meters.set(id, meter);
    meter.cpu.add(cpu);
    meter.memory.add(memory);
    const [cpuCell, memoryCell] = this.table.row(id)?.querySelectorAll(".dm-c-meter") ?? [];
    const container = this.get(id);
    if (cpuCell && memoryCell && container) this.drawMeters(container, cpuCell, memoryCell);
  }

  // Shows text under a container's state, the seconds until SIGKILL; "" removes it.
  setCountdown(name: string, text: string): void {
    const container = named(this.all, name);
    if (!container) return;
    if (text) this.countdowns.set(container.name, text);
    else this.countdowns.delete(container.name);
    const place = this.table.row(container.id)?.querySelector(".dm-countdown");
    if (place) setText(place, text || detailOf(container));
  }

  private refresh(): void {
    const shown = this.all.filter((container) => matches(container, this.filter, this.query));
    const total = pluralize(this.all.length, "container");
    const some = shown.length.toLocaleString("en");
    setText(this.count, shown.length === this.all.length ? total : `${some} of ${total}`);
    for (const [index, filter] of FILTERS.entries()) {
      const chip = this.chips[index];
      const count = this.all.filter(({ state }) => state === filter).length;
      if (chip && filter !== "all") setText(chip, `${filter} ${count}`);
    }
    const rows = rowsOf(shown, this.all, this.projects, this.closed);
    this.table.show(rows);
    this.table.update(rows);
    this.table.root.hidden = !rows.length;
    this.empty.hidden = rows.length > 0;
    const none = this.all.length ? "No container matches." : "No containers yet. Create makes one.";
    if (this.isLoaded) setText(this.empty, none);
  }

  private choose(filter: Filter): void {
    this.filter = filter;
    for (const [index, chip] of this.chips.entries()) {
      chip.setAttribute("aria-pressed", String(FILTERS[index] === filter));
    }
    this.refresh();
  }

  private cells(container: Container): HTMLElement[] {
    const [cpu, memory] = [el("div"), el("div")];
    this.drawMeters(container, cpu, memory);
    return [
      this.nameCell(container),
      this.stateCell(container),
      this.ports(container.ports),
      cpu,
      memory,
      this.actions(container),
    ];
  }

  private projectCells(project: Project): HTMLElement[] {
    const name = project.compose.project;
    const toggle = {
      type: "button",
      class: "dm-link dm-name dm-project",
      "aria-expanded": project.isOpen,
      "data-verb": "name",
      onclick: () => this.toggle(name),
    };
    const state = project.running ? "running" : "exited";
    const actions = this.projectActions(project).map(([verb, act]) =>
      el(
        "button",
        {
          type: "button",
          class: verb === "Down" ? "dm-text dm-item-danger" : "dm-text",
          "aria-label": `${verb} ${name}`,
          "data-verb": verb,
          disabled: !project.total && verb !== "Up",
          onclick: act,
        },
        verb,
      ),
    );
    return [
      el("div", {}, el("button", toggle, name), " ", el("span", { class: "dm-sub" }, "project")),
      el("div", {}, el("span", { class: `dm-state dm-is-${state}` }, stateOf(project))),
      el("div", { class: "dm-project-actions", "aria-colspan": "4" }, ...actions),
    ];
  }

  private projectActions({ compose }: Project): [verb: string, act: () => void][] {
    const { project } = compose;
    return [
      ["Up", () => this.host.run(upLine(compose))],
      ["Down", () => this.ask(takingDown(project))],
      ["Restart", () => this.host.run(projectLine(project, "restart"))],
      ["Logs", () => this.host.openLogs(project)],
    ];
  }

  private toggle(project: string): void {
    if (!this.closed.delete(project)) this.closed.add(project);
    this.refresh();
  }

  private nameCell(container: Container): HTMLElement {
    const { name, image, command } = container;
    const attributes = {
      type: "button",
      class: "dm-link dm-name",
      title: name,
      "data-verb": "name",
      onclick: () => this.act("Logs", container),
    };
    const subtitle = el("span", { class: "dm-sub", title: `${image}  ${command}` }, image);
    return el("div", {}, el("button", attributes, name), " ", subtitle);
  }

  private stateCell(container: Container): HTMLElement {
    const { name, state, status } = container;
    const text = this.countdowns.get(name) ?? detailOf(container);
    const look = text === "unhealthy" ? "dm-sub dm-countdown dm-unhealthy" : "dm-sub dm-countdown";
    const detail = el("span", { class: look, title: status }, text);
    return el("div", {}, el("span", { class: `dm-state dm-is-${state}` }, state), " ", detail);
  }

  private ports(ports: Port[]): HTMLElement {
    const count = ports.length > MAX_PORTS ? MAX_PORTS - 1 : ports.length;
    const rest = ports.slice(count).map(portText);
    const more = { class: "dm-port", title: rest.join(", ") };
    return el(
      "div",
      {},
      ...ports.slice(0, count).map((port) => this.port(port)),
      rest.length > 0 && el("span", more, `and ${rest.length} more`),
    );
  }

  private port(port: Port): HTMLElement {
    const [published, , protocol] = port;
    if (!published || protocol !== "tcp") return el("span", { class: "dm-port" }, portText(port));
    const href = this.host.portAddress(published);
    const link = { class: "dm-port", href, target: "_blank", rel: "noopener noreferrer" };
    return el("a", link, portText(port));
  }

  private drawMeters(container: Container, cpu: Element, memory: Element): void {
    const meter = container.state === "running" ? this.meters.get(container.id) : undefined;
    if (!meter) return;
    const percent = `${(meter.cpu.last ?? 0).toFixed(1)} %`;
    const used = formatBytes(meter.memory.last ?? 0);
    cpu.replaceChildren(number(percent), meter.cpu.draw(`CPU ${percent}`, CPU_SCALE));
    memory.replaceChildren(number(used), meter.memory.draw(`Memory ${used}`, MEMORY_SCALE));
  }

  private actions(container: Container): HTMLElement {
    const allowed = verbsOf(container);
    const canStop = allowed.includes("Stop") || container.state === "paused";
    const quick = [canStop ? "Stop" : "Start", "Logs", "Exec"];
    const buttons = quick.map((verb) => {
      const button = toolButton(verb, `${verb} ${container.name}`, () => this.act(verb, container));
      button.disabled = !allowed.includes(verb);
      return button;
    });
    const label = `More for ${container.name}`;
    const others = allowed.filter((verb) => !["Start", "Stop", "Logs", "Exec"].includes(verb));
    const more = toolButton("More", label, () => this.openMenu(more, label, container, others));
    more.setAttribute("aria-haspopup", "menu");
    more.setAttribute("aria-expanded", "false");
    return el("div", {}, ...buttons, more);
  }

  private openMenu(
    button: HTMLElement,
    label: string,
    container: Container,
    verbs: string[],
  ): void {
    const items = verbs.map((verb) => ({
      label: verb,
      name: `${verb} ${container.name}`,
      danger: verb === "Remove" || verb === "Kill",
      act: () => this.act(verb, container),
    }));
    this.menu.toggle(button, label, items);
  }

  private act(verb: string, container: Container): void {
    const page = PAGES.find((name) => name === verb);
    if (page) this.host.open(this.get(container.id) ?? container, page);
    else if (verb === "Remove") this.ask(removal(container));
    else if (verb === "Rename") this.ask(renaming(container));
    else this.host.run(line(verb.toLowerCase(), container.name));
  }

  private ask(question: Question): void {
    ask(this.host.root, question, (text) => this.host.run(text));
  }

  // Asks for a container's settings. Run is the default for a given image, Create without one.
  create(image = ""): void {
    const create = { label: "Create", line: (fields: Fields) => creationLine("create", fields) };
    const run = { label: "Run", line: (fields: Fields) => creationLine("run -d", fields) };
    const images = this.host.images();
    this.ask({
      title: image ? `Run ${image}` : "Create a container",
      fields: [
        { name: "image", label: "Image", value: image, hint: "nginx:alpine", options: images },
        { name: "name", label: "Name", hint: "web", optional: true },
        { name: "ports", label: "Ports", hint: "8080:80", optional: true },
        { name: "env", label: "Environment", hint: "KEY=value", optional: true },
        { name: "command", label: "Command", hint: "the image's own", optional: true },
      ],
      verbs: image ? [create, run] : [run, create],
    });
  }

  dispose(): void {
    this.menu.close();
    this.table.dispose();
  }
}

type Fields = Record<string, string>;

function number(text: string): HTMLElement {
  return el("span", { class: "dm-number" }, text);
}

function toolButton(verb: string, label: string, act: () => void): HTMLButtonElement {
  const attributes = { type: "button", class: "dm-tool", title: verb, "data-verb": verb };
  return el("button", { ...attributes, "aria-label": label, onclick: act }, icon(verb));
}

function removal(container: Container): Question {
  return {
    title: `Remove ${container.name}?`,
    text: "Its files go with it; named volumes stay.",
    verbs: [{ label: "Remove", danger: true, line: () => line("rm", container.name) }],
  };
}

function takingDown(project: string): Question {
  const down = { label: "Down", danger: true, line: () => projectLine(project, "down") };
  const all = {
    ...down,
    label: "Down with volumes",
    line: () => projectLine(project, "down", "-v"),
  };
  return {
    title: `Take down ${project}?`,
    text: "Its containers and networks are removed. Its volumes stay.",
    verbs: [all, down],
  };
}

function renaming(container: Container): Question {
  return {
    title: `Rename ${container.name}`,
    fields: [{ name: "name", label: "New name", value: container.name }],
    verbs: [
      { label: "Rename", line: ({ name }) => line("rename", container.name, name || "NAME") },
    ],
  };
}
