// The table of containers: a row each, with the verbs that its state allows.
import { Series } from "./charts";
import {
  type Container,
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
import { formatBytes } from "./format";
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
import { creation, removal, renaming, takingDown } from "./questions";
import { type Say, type TextKey, verbOf } from "./say";
import { VirtualTable } from "./virtual";

// What the table needs from the dashboard.
export interface Host {
  say: Say;
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
  private readonly say: Say;
  private readonly empty: HTMLElement;
  private readonly chips: HTMLButtonElement[];
  private readonly table: VirtualTable<Row>;
  private readonly menu = new Menu();

  constructor(private readonly host: Host) {
    this.say = host.say;
    this.empty = el("div", { class: "dm-empty" }, this.say("loading"));
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
        filter === "all" ? this.say("all") : filter,
      ),
    );
    this.root = el("div", { class: "dm-page" }, this.tools(), this.table.root, this.empty);
  }

  private makeTable(): VirtualTable<Row> {
    const shape = {
      label: this.say("containers"),
      rowHeight: 52,
      columns: [
        { heading: this.say("name"), className: "dm-c-name" },
        { heading: this.say("state"), className: "dm-c-state" },
        { heading: this.say("ports"), className: "dm-c-ports" },
        { heading: this.say("cpu"), className: "dm-c-meter" },
        { heading: this.say("memory"), className: "dm-c-meter" },
        { heading: this.say("actions"), className: "dm-c-actions" },
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
      placeholder: this.say("search name, image, state"),
      "aria-label": this.say("search containers"),
      oninput: () => {
        this.query = search.value.toLowerCase();
        this.refresh();
      },
    });
    const chips = { class: "dm-chips", role: "group", "aria-label": this.say("state") };
    const create = { type: "button", class: "dm-button dm-primary", onclick: () => this.create() };
    return el(
      "div",
      { class: "dm-tools" },
      search,
      el("span", chips, ...this.chips),
      this.count,
      el("button", create, this.say("create")),
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
    if (place) setText(place, text || detailOf(this.say, container));
  }

  private refresh(): void {
    const shown = this.all.filter((container) => matches(container, this.filter, this.query));
    const all = this.say("count.containers", { count: this.all.length });
    const some = this.say("count.some", { some: shown.length, all });
    setText(this.count, shown.length === this.all.length ? all : some);
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
    const none = this.all.length ? "no container matches" : "no containers";
    if (this.isLoaded) setText(this.empty, this.say(none));
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
          class: verb === "down" ? "dm-text dm-item-danger" : "dm-text",
          "aria-label": verbOf(this.say, verb, name),
          "data-verb": verb,
          disabled: !project.total && verb !== "up",
          onclick: act,
        },
        this.say(verb),
      ),
    );
    const kind = el("span", { class: "dm-sub" }, this.say("project"));
    return [
      el("div", {}, el("button", toggle, name), " ", kind),
      el("div", {}, el("span", { class: `dm-state dm-is-${state}` }, stateOf(this.say, project))),
      el("div", { class: "dm-project-actions", "aria-colspan": "4" }, ...actions),
    ];
  }

  private projectActions({ compose }: Project): [verb: TextKey, act: () => void][] {
    const { project } = compose;
    return [
      ["up", () => this.host.run(upLine(compose))],
      ["down", () => this.ask(takingDown(this.say, project))],
      ["restart", () => this.host.run(projectLine(project, "restart"))],
      ["logs", () => this.host.openLogs(project)],
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
      onclick: () => this.act("logs", container),
    };
    const subtitle = el("span", { class: "dm-sub", title: `${image}  ${command}` }, image);
    return el("div", {}, el("button", attributes, name), " ", subtitle);
  }

  private stateCell(container: Container): HTMLElement {
    const { name, state, status } = container;
    const text = this.countdowns.get(name) ?? detailOf(this.say, container);
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
      rest.length > 0 && el("span", more, this.say("other ports", { count: rest.length })),
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
    const label = (key: TextKey, value: string): string =>
      this.say("value of", { name: this.say(key), value });
    cpu.replaceChildren(number(percent), meter.cpu.draw(label("cpu", percent), CPU_SCALE));
    memory.replaceChildren(number(used), meter.memory.draw(label("memory", used), MEMORY_SCALE));
  }

  private actions(container: Container): HTMLElement {
    const allowed = verbsOf(container);
    const canStop = allowed.includes("stop") || container.state === "paused";
    const quick: TextKey[] = [canStop ? "stop" : "start", "logs", "exec"];
    const buttons = quick.map((verb) => {
      const label = verbOf(this.say, verb, container.name);
      const button = this.toolButton(verb, label, () => this.act(verb, container));
      button.disabled = !allowed.includes(verb);
      return button;
    });
    const label = this.say("more for", { name: container.name });
    const others = allowed.filter((verb) => !["start", "stop", "logs", "exec"].includes(verb));
    const more = this.toolButton("more", label, () =>
      this.openMenu(more, label, container, others),
    );
    more.setAttribute("aria-haspopup", "menu");
    more.setAttribute("aria-expanded", "false");
    return el("div", {}, ...buttons, more);
  }

  private toolButton(verb: TextKey, label: string, act: () => void): HTMLButtonElement {
    const attributes = { type: "button", class: "dm-tool", "data-verb": verb, onclick: act };
    const names = { title: this.say(verb), "aria-label": label };
    return el("button", { ...attributes, ...names }, icon(verb));
  }

  private openMenu(
    button: HTMLElement,
    label: string,
    container: Container,
    verbs: TextKey[],
  ): void {
    const items = verbs.map((verb) => ({
      label: this.say(verb),
      name: verbOf(this.say, verb, container.name),
      danger: verb === "remove" || verb === "kill",
      act: () => this.act(verb, container),
    }));
    this.menu.toggle(button, label, items);
  }

  private act(verb: TextKey, container: Container): void {
    const page = PAGES.find((name) => name === verb);
    if (page) this.host.open(this.get(container.id) ?? container, page);
    else if (verb === "remove") this.ask(removal(this.say, container));
    else if (verb === "rename") this.ask(renaming(this.say, container));
    else this.host.run(line(verb, container.name));
  }

  private ask(question: Question): void {
    ask(this.say, this.host.root, question, (text) => this.host.run(text));
  }

  // Asks for the settings of a container, of a given image or of any.
  create(image = ""): void {
    this.ask(creation(this.say, this.host.images(), image));
  }

  dispose(): void {
    this.menu.close();
    this.table.dispose();
  }
}

function number(text: string): HTMLElement {
  return el("span", { class: "dm-number" }, text);
}
