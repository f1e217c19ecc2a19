// The containers: one row each, with what can be done in its state.
import { bytes, counted, Series } from "./charts";
import { el, setText } from "./dom";
import { icon } from "./icons";
import { ask, each, type Question } from "./dialog";
import { line, quote } from "./lines";
import { VirtualTable } from "./virtual";

export interface Container {
  id: string;
  name: string;
  image: string;
  command: string;
  state: string;
  status: string;
  created: number;
  ports: [published: number, inside: number, protocol: string][];
}

// What the list needs of the dashboard.
export interface Host {
  root: HTMLElement;
  images(): string[];
  portAddress(port: number): string;
  run(text: string): void;
  open(container: Container, page: Page): void;
  visible(ids: string[]): void;
}

export type Page = "Logs" | "Exec" | "Inspect" | "Files";

const ALLOWED: Record<string, string[]> = {
  created: ["Start", "Logs", "Inspect", "Files", "Rename", "Remove"],
  running: ["Stop", "Logs", "Exec", "Inspect", "Files", "Restart", "Pause", "Kill", "Rename"],
  paused: ["Unpause", "Logs", "Inspect", "Files", "Rename"],
  restarting: ["Stop", "Logs", "Inspect", "Kill", "Rename"],
  exited: ["Start", "Logs", "Inspect", "Files", "Restart", "Rename", "Remove"],
  stopped: ["Start", "Logs", "Inspect", "Files", "Restart", "Rename", "Remove"], // Podman's word
  dead: ["Inspect", "Remove"],
};
const PAGES = new Set(["Logs", "Exec", "Inspect", "Files"]);
const FILTERS = ["all", "running", "paused", "exited"] as const;
const PORTS = 2; // that fit into a row
const CPU_SCALE = 5; // percent
const MEMORY_SCALE = 1e6;

interface Meter {
  cpu: Series;
  memory: Series;
}

export class Containers {
  readonly root: HTMLElement;
  private all: Container[] = [];
  private shown: Container[] = [];
  private state: (typeof FILTERS)[number] = "all";
  private text = "";
  private hasList = false;
  private readonly meters = new Map<string, Meter>();
  private readonly countdowns = new Map<string, string>();
  private readonly count = el("span", { class: "dm-count", role: "status" });
  private readonly empty = el("div", { class: "dm-empty" }, "Loading…");
  private readonly chips: HTMLButtonElement[];
  private readonly table: VirtualTable<Container>;
  private menu: HTMLElement | null = null;

  constructor(private readonly host: Host) {
    this.table = new VirtualTable(
      {
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
        key: (container) => container.id,
        make: (container) => this.cells(container),
      },
      (inSight) => {
        host.visible(inSight.filter(({ state }) => state === "running").map(({ id }) => id));
      },
    );
    const search = el("input", {
      type: "search", class: "dm-search", placeholder: "Search name, image, state", "aria-label": "Search containers",
      oninput: () => {
        this.text = search.value.toLowerCase();
        this.refresh();
      },
    });
    this.chips = FILTERS.map((state) =>
      el("button", { type: "button", class: "dm-chip", "aria-pressed": state === "all", onclick: () => this.choose(state) }, state),
    );
    this.root = el(
      "div",
      { class: "dm-page" },
      el(
        "div",
        { class: "dm-tools" },
        search,
        el("span", { class: "dm-chips", role: "group", "aria-label": "State" }, ...this.chips),
        this.count,
        el("button", { type: "button", class: "dm-button dm-primary", onclick: () => this.create() }, "Create"),
      ),
      this.table.root,
      this.empty,
    );
  }

  get(id: string): Container | undefined {
    return this.all.find((each) => each.id === id);
  }

  named(name: string): Container | undefined {
    return this.all.find((each) => each.name === name || (name.length > 11 && each.id.startsWith(name)));
  }

  // The whole list, or what has changed in it; the newest stand first, as in `docker ps`.
  update(rows: Container[], gone: string[], whole: boolean): void {
    this.hasList = true;
    if (whole) {
      this.all = rows;
    } else {
      const changed = new Map(rows.map((row) => [row.id, row]));
      const left = new Set(gone);
      this.all = this.all.filter(({ id }) => !left.has(id)).map((row) => {
        const now = changed.get(row.id) ?? row;
        changed.delete(row.id);
        return now;
      });
      this.all = [...changed.values(), ...this.all].sort((one, other) => other.created - one.created);
    }
    for (const row of rows) if (row.state !== "running") this.countdowns.delete(row.name);
    const ids = new Set(this.all.map(({ id }) => id));
    for (const id of this.meters.keys()) if (!ids.has(id)) this.meters.delete(id);
    this.refresh();
    this.table.renew(rows);
  }

  usage(id: string, cpu: number, memory: number): void {
    const meter = this.meters.get(id) ?? { cpu: new Series(), memory: new Series() };
    this.meters.set(id, meter);
    meter.cpu.add(cpu);
    meter.memory.add(memory);
    const cells = this.table.row(id)?.querySelectorAll(".dm-c-meter");
    const container = this.get(id);
    if (cells && container) this.drawMeters(container, cells[0], cells[1]);
  }

  // Words beside a container's state: the seconds until SIGKILL.
  countdown(name: string, words: string): void {
    const container = this.named(name);
    if (!container) return;
    if (words) this.countdowns.set(container.name, words);
    else this.countdowns.delete(container.name);
    const place = this.table.row(container.id)?.querySelector(".dm-countdown");
    if (place) setText(place, words || statusOf(container));
  }

  private refresh(): void {
    const matches = (c: Container): boolean =>
      (this.state === "all" || c.state === this.state) &&
      (!this.text || `${c.name} ${c.image} ${c.state} ${c.id}`.toLowerCase().includes(this.text));
    this.shown = this.all.filter(matches);
    const total = counted(this.all.length, "container");
    const some = this.shown.length.toLocaleString("en");
    setText(this.count, this.shown.length === this.all.length ? total : `${some} of ${total}`);
    this.chips.forEach((chip, place) => {
      const state = FILTERS[place];
      const count = this.all.filter((container) => container.state === state).length;
      if (state !== "all") setText(chip, `${state} ${count}`);
    });
    this.table.show(this.shown);
    this.table.root.hidden = !this.shown.length;
    this.empty.hidden = this.shown.length > 0;
    if (this.hasList) setText(this.empty, this.all.length ? "No container matches." : "No containers yet. Create makes one.");
  }

  private choose(state: (typeof FILTERS)[number]): void {
    this.state = state;
    this.chips.forEach((chip, place) => chip.setAttribute("aria-pressed", String(FILTERS[place] === state)));
    this.refresh();
  }

  private cells(container: Container): HTMLElement[] {
    const [cpu, memory] = [el("div"), el("div")];
    this.drawMeters(container, cpu, memory);
    return [
      el(
        "div",
        {},
        el(
          "button",
          { type: "button", class: "dm-link dm-name", title: container.name, "data-verb": "name", onclick: () => this.act("Logs", container) },
          container.name,
        ),
        " ",
        el("span", { class: "dm-sub", title: `${container.image}  ${container.command}` }, container.image),
      ),
      el(
        "div",
        {},
        el("span", { class: `dm-state dm-is-${container.state}` }, container.state),
        " ",
        el("span", { class: "dm-sub dm-countdown", title: container.status }, this.countdowns.get(container.name) ?? statusOf(container)),
      ),
      this.ports(container.ports),
      cpu,
      memory,
      this.actions(container),
    ];
  }

  private ports(ports: Container["ports"]): HTMLElement {
    const shown = ports.slice(0, ports.length > PORTS ? PORTS - 1 : PORTS).map((port) => this.port(port));
    const rest = ports.slice(shown.length).map(([published, inside]) => (published ? `${published}→${inside}` : inside));
    const more = rest.length > 0 && el("span", { class: "dm-port", title: rest.join(", ") }, `and ${rest.length} more`);
    return el("div", {}, ...shown, more);
  }

  private port([published, inside, protocol]: Container["ports"][number]): HTMLElement {
    const name = `${inside}${protocol === "tcp" ? "" : `/${protocol}`}`;
    if (!published) return el("span", { class: "dm-port" }, name);
    if (protocol !== "tcp") return el("span", { class: "dm-port" }, `${published}→${name}`);
    const href = this.host.portAddress(published);
    return el("a", { class: "dm-port", href, target: "_blank", rel: "noopener noreferrer" }, `${published}→${name}`);
  }

  private drawMeters(container: Container, cpu: Element, memory: Element): void {
    const meter = container.state === "running" ? this.meters.get(container.id) : undefined;
    if (!meter) return;
    const [percent, used] = [`${(meter.cpu.last ?? 0).toFixed(1)} %`, bytes(meter.memory.last ?? 0)];
    cpu.replaceChildren(el("span", { class: "dm-number" }, percent), meter.cpu.draw(`CPU ${percent}`, CPU_SCALE));
    memory.replaceChildren(el("span", { class: "dm-number" }, used), meter.memory.draw(`Memory ${used}`, MEMORY_SCALE));
  }

  private actions(container: Container): HTMLElement {
    const allowed = ALLOWED[container.state] ?? ["Inspect"];
    const startOrStop = allowed.includes("Stop") || container.state === "paused" ? "Stop" : "Start";
    const quick = [startOrStop, "Logs", "Exec"].map((verb) =>
      el(
        "button",
        {
          type: "button", class: "dm-tool", title: verb, "aria-label": `${verb} ${container.name}`, "data-verb": verb,
          disabled: !allowed.includes(verb), onclick: () => this.act(verb, container),
        },
        icon(verb),
      ),
    );
    const more: HTMLButtonElement = el(
      "button",
      {
        type: "button", class: "dm-tool", title: "More", "aria-label": `More for ${container.name}`, "data-verb": "More",
        "aria-haspopup": "true", "aria-expanded": "false", onclick: () => this.openMenu(more, container, allowed),
      },
      icon("More"),
    );
    return el("div", {}, ...quick, more);
  }

  private openMenu(button: HTMLButtonElement, container: Container, allowed: string[]): void {
    const wasOpen = button.getAttribute("aria-expanded") === "true";
    this.closeMenu();
    if (wasOpen) return;
    const rest = allowed.filter((verb) => !["Start", "Stop", "Logs", "Exec"].includes(verb));
    const items = rest.map((verb) =>
      el(
        "button",
        {
          type: "button", class: verb === "Remove" || verb === "Kill" ? "dm-item dm-item-danger" : "dm-item",
          "aria-label": `${verb} ${container.name}`,
          onclick: () => {
            this.closeMenu();
            this.act(verb, container);
          },
        },
        verb,
      ),
    );
    // In its row, yet above all: a list that scrolls cuts off what hangs over.
    this.menu = el("div", { class: "dm-menu", role: "group", popover: "manual", "aria-label": `More for ${container.name}` }, ...items);
    button.after(this.menu);
    this.menu.showPopover?.();
    place(this.menu, button);
    button.setAttribute("aria-expanded", "true");
    this.menu.addEventListener("keydown", (event) => this.menuKey(event, items, button));
    setTimeout(() => {
      document.addEventListener("click", this.outside, true);
      document.addEventListener("scroll", this.outside, true);
    }, 0);
    items[0]?.focus({ preventScroll: true });
  }

  private menuKey(event: KeyboardEvent, items: HTMLElement[], button: HTMLElement): void {
    const at = items.indexOf(document.activeElement as HTMLElement);
    if (event.key === "Escape") {
      this.closeMenu();
      button.focus();
    } else if (event.key === "ArrowDown") items[(at + 1) % items.length].focus();
    else if (event.key === "ArrowUp") items[(at + items.length - 1) % items.length].focus();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  private readonly outside = (event: Event): void => {
    const target = event.target as Element;
    const isItsButton = target.closest?.("[aria-expanded='true']");
    if (!isItsButton && !this.menu?.contains(target)) this.closeMenu();
  };

  private closeMenu(): void {
    document.removeEventListener("click", this.outside, true);
    document.removeEventListener("scroll", this.outside, true);
    this.menu?.remove();
    this.menu = null;
    for (const button of this.root.querySelectorAll('[aria-expanded="true"]')) button.setAttribute("aria-expanded", "false");
  }

  private act(verb: string, container: Container): void {
    if (PAGES.has(verb)) this.host.open(this.get(container.id) ?? container, verb as Page);
    else if (verb === "Remove") this.ask(removal(container));
    else if (verb === "Rename") this.ask(renaming(container));
    else this.host.run(line(verb.toLowerCase(), container.name));
  }

  private ask(question: Question): void {
    ask(this.host.root, question, (text) => this.host.run(text));
  }

  // Of an image that was chosen, most want one that runs.
  create(image = ""): void {
    const made = (verb: string) => (v: Record<string, string>) =>
      [
        verb, v.name && `--name ${quote(v.name)}`, each("-p", v.ports), each("-e", v.env),
        quote(v.image || "IMAGE"), v.command,
      ].filter(Boolean).join(" ");
    const [create, run] = [{ label: "Create", line: made("create") }, { label: "Run", line: made("run -d") }];
    this.ask({
      title: image ? `Run ${image}` : "Create a container",
      fields: [
        { name: "image", label: "Image", value: image, hint: "nginx:alpine", options: this.host.images() },
        { name: "name", label: "Name", hint: "web", optional: true },
        { name: "ports", label: "Ports", hint: "8080:80", optional: true },
        { name: "env", label: "Environment", hint: "KEY=value", optional: true },
        { name: "command", label: "Command", hint: "the image's own", optional: true },
      ],
      verbs: image ? [create, run] : [run, create],
    });
  }

  dispose(): void {
    this.closeMenu();
    this.table.dispose();
  }
}

function statusOf({ state, status }: Container): string {
  const code = status.match(/^Exited \((\d+)\)/)?.[1];
  const health = status.match(/\((healthy|unhealthy|health: starting)\)/)?.[1];
  return state === "exited" && code !== undefined ? `exited with code ${code}` : (health ?? "");
}

function removal(container: Container): Question {
  return {
    title: `Remove ${container.name}?`,
    text: "Its files go with it; volumes that have a name stay.",
    verbs: [{ label: "Remove", danger: true, line: () => line("rm", container.name) }],
  };
}

function renaming(container: Container): Question {
  return {
    title: `Rename ${container.name}`,
    fields: [{ name: "name", label: "New name", value: container.name }],
    verbs: [{ label: "Rename", line: (values) => line("rename", container.name, values.name || "NAME") }],
  };
}

// Under its button, or above it where the window ends.
function place(menu: HTMLElement, button: HTMLElement): void {
  const at = button.getBoundingClientRect();
  const fits = at.bottom + menu.offsetHeight + 4 < window.innerHeight;
  menu.style.top = `${Math.max(4, fits ? at.bottom + 2 : at.top - menu.offsetHeight - 2)}px`;
  menu.style.left = `${Math.max(4, at.right - menu.offsetWidth)}px`;
}
