// Images, volumes and networks: one table each, described by its kind.
import type { Container, Port } from "./container";
import { ask, type Question } from "./dialog";
import { el, setText } from "./dom";
import { formatAge, formatBytes, pluralize } from "./format";
import { line } from "./lines";
import { VirtualTable } from "./virtual";

export interface ListHost {
  root: HTMLElement;
  run(text: string): void;
  inspect(text: string, title: string): void;
  history(image: string): void;
  create(image: string): void;
  portAddress(port: number): string;
}

interface Action {
  verb: string;
  act(): void;
  danger?: boolean;
}

interface Kind<T> {
  noun: string;
  label: string;
  columns: { heading: string; className: string }[];
  key(item: T): string;
  name(item: T): string;
  cells(item: T): (HTMLElement | string)[];
  actions(item: T): Action[];
  tools: Action[]; // above the table
}

export class List<T> {
  readonly root: HTMLElement;
  private readonly count = el("span", { class: "dm-count", role: "status" });
  private readonly empty = el("div", { class: "dm-empty" }, "Loading…");
  private readonly table: VirtualTable<T>;
  private items: T[] = [];
  private query = "";

  constructor(private readonly kind: Kind<T>) {
    this.table = new VirtualTable<T>({
      label: kind.label,
      rowHeight: 40,
      columns: [...kind.columns, { heading: "Actions", className: "dm-c-actions" }],
      key: kind.key,
      cells: (item) => [...kind.cells(item).map((cell) => el("div", {}, cell)), this.actions(item)],
    });
    this.root = el(
      "div",
      { class: `dm-page dm-list-${kind.noun}` },
      el("div", { class: "dm-tools" }, this.search(), this.count, ...this.tools()),
      this.table.root,
      this.empty,
    );
  }

  private search(): HTMLElement {
    const search = el("input", {
      type: "search",
      class: "dm-search",
      placeholder: "Search",
      "aria-label": `Search ${this.kind.label.toLowerCase()}`,
      oninput: () => {
        this.query = search.value.toLowerCase();
        this.draw();
      },
    });
    return search;
  }

  private tools(): HTMLElement[] {
    const [primary, ...others] = this.kind.tools;
    const button = ({ verb, act }: Action, look: string): HTMLElement =>
      el("button", { type: "button", class: `dm-button ${look}`, onclick: act }, verb);
    return [
      ...others.map((tool) => button(tool, "")),
      ...(primary ? [button(primary, "dm-primary")] : []),
    ];
  }

  private actions(item: T): HTMLElement {
    const buttons = this.kind.actions(item).map(({ verb, act, danger }) =>
      el(
        "button",
        {
          type: "button",
          class: danger ? "dm-text dm-item-danger" : "dm-text",
          "aria-label": `${verb} ${this.kind.name(item)}`,
          "data-verb": verb,
          onclick: act,
        },
        verb,
      ),
    );
    return el("div", {}, ...buttons);
  }

  update(items: T[]): void {
    this.items = items;
    this.draw();
    this.table.update(items);
  }

  private draw(): void {
    const matches = (item: T): boolean => JSON.stringify(item).toLowerCase().includes(this.query);
    const shown = this.items.filter(matches);
    const { noun, label } = this.kind;
    setText(this.count, pluralize(shown.length, noun));
    this.table.show(shown);
    this.table.root.hidden = !shown.length;
    this.empty.hidden = shown.length > 0;
    setText(this.empty, this.query ? "Nothing matches." : `No ${label.toLowerCase()} yet.`);
  }

  dispose(): void {
    this.table.dispose();
  }
}

export interface Image {
  id: string;
  tags: string[];
  size: number;
  created: number;
}

export function images(host: ListHost): List<Image> {
  const shortId = (image: Image): string => image.id.replace(/^sha256:/, "").slice(0, 12);
  const name = (image: Image): string => image.tags[0] ?? shortId(image);
  return new List<Image>({
    noun: "image",
    label: "Images",
    columns: [
      { heading: "Name", className: "dm-c-name" },
      { heading: "ID", className: "dm-c-id" },
      { heading: "Created", className: "dm-c-time" },
      { heading: "Size", className: "dm-c-size" },
    ],
    key: (image) => image.id,
    name,
    cells: (image) => [
      el(
        "span",
        { class: image.tags.length ? "dm-name" : "dm-sub", title: image.tags.join("\n") },
        image.tags.join(", ") || "dangling",
      ),
      el("code", {}, shortId(image)),
      formatAge(image.created),
      formatBytes(image.size),
    ],
    actions: (image) => [
      { verb: "Run", act: () => host.create(name(image)) },
      { verb: "History", act: () => host.history(name(image)) },
      inspection(host, "image", name(image)),
      removal(host, name(image), line("rmi", name(image))),
    ],
    tools: [
      {
        verb: "Pull",
        act: () => askForName(host, "Pull an image", "Pull", "Image", "nginx:alpine", pullLine),
      },
      {
        verb: "Check for updates",
        act: () => host.inspect(line("images", "--updates"), "Updates of images"),
      },
      pruning(host, "dangling", "image", "Images without a name that no other image needs."),
    ],
  });
}

function pullLine(image: string): string {
  return line("pull", image || "IMAGE");
}

export interface Publication {
  container: Container;
  port: Port;
}

// The ports of all containers, published or not.
export function publications(containers: Container[]): Publication[] {
  const all = containers.flatMap((container) =>
    container.ports.map((port) => ({ container, port })),
  );
  return all.sort((one, other) => (one.port[0] || 65536) - (other.port[0] || 65536));
}

export function ports(host: ListHost): List<Publication> {
  return new List<Publication>({
    noun: "port",
    label: "Ports",
    columns: [
      { heading: "On the machine", className: "dm-c-name" },
      { heading: "In the container", className: "dm-c-size" },
      { heading: "Container", className: "dm-c-wide" },
    ],
    key: ({ container, port }) => `${container.id} ${port.slice(0, 3).join(" ")}`,
    name: ({ container, port }) => `${port[1]}/${port[2]} of ${container.name}`,
    cells: ({ container, port }) => [
      publication(host, port),
      `${port[1]}/${port[2]}`,
      el("span", { title: container.name }, container.name),
    ],
    actions: ({ container, port }) =>
      port[0]
        ? [
            {
              verb: "Inspect",
              act: () => host.inspect(line("port", container.name), container.name),
            },
          ]
        : [],
    tools: [],
  });
}

// The address of a published port, as a link if a browser can open it.
function publication(host: ListHost, [published, , protocol, addresses]: Port): HTMLElement {
  if (!published) return el("span", { class: "dm-sub" }, "not published");
  const isOpen =
    !addresses.length || addresses.some((address) => ["0.0.0.0", "::"].includes(address));
  const text = isOpen ? `all addresses:${published}` : `${addresses.join(", ")}:${published}`;
  if (protocol !== "tcp") return el("span", { title: text }, text);
  const link = { href: host.portAddress(published), target: "_blank", rel: "noopener noreferrer" };
  return el("a", { class: "dm-port", title: text, ...link }, text);
}

export interface Volume {
  name: string;
  driver: string;
  mountpoint: string;
}

export function volumes(host: ListHost): List<Volume> {
  return new List<Volume>({
    noun: "volume",
    label: "Volumes",
    columns: [
      { heading: "Name", className: "dm-c-name" },
      { heading: "Driver", className: "dm-c-id" },
      { heading: "Mountpoint", className: "dm-c-wide" },
    ],
    key: (volume) => volume.name,
    name: (volume) => volume.name,
    cells: ({ name, driver, mountpoint }) => [
      el("span", { class: "dm-name", title: name }, name),
      driver,
      el("span", { class: "dm-sub", title: mountpoint }, mountpoint),
    ],
    actions: ({ name }) => [
      inspection(host, "volume", name),
      removal(host, name, line("volume", "rm", name), "Its data goes with it."),
    ],
    tools: [
      creation(host, "volume", "data"),
      pruning(host, "unused", "volume", "Volumes that no container uses, with their data."),
    ],
  });
}

export interface Network {
  id: string;
  name: string;
  driver: string;
  scope: string;
  subnets: string[];
}

const BUILT_IN_NETWORKS = new Set(["bridge", "host", "none", "podman"]);

export function networks(host: ListHost): List<Network> {
  return new List<Network>({
    noun: "network",
    label: "Networks",
    columns: [
      { heading: "Name", className: "dm-c-name" },
      { heading: "Driver", className: "dm-c-id" },
      { heading: "Subnets", className: "dm-c-wide" },
    ],
    key: (network) => network.id,
    name: (network) => network.name,
    cells: ({ name, driver, subnets }) => [
      el("span", { class: "dm-name", title: name }, name),
      driver,
      subnets.join(", "),
    ],
    actions: ({ name }) => [
      inspection(host, "network", name),
      ...(BUILT_IN_NETWORKS.has(name) ? [] : [removal(host, name, line("network", "rm", name))]),
    ],
    tools: [creation(host, "network", "backend"), pruning(host, "unused", "network")],
  });
}

function inspection(host: ListHost, object: string, name: string): Action {
  return { verb: "Inspect", act: () => host.inspect(line(object, "inspect", name), name) };
}

function removal(host: ListHost, name: string, text: string, note?: string): Action {
  const act = (): void => confirm(host, `Remove ${name}?`, text, note);
  return { verb: "Remove", danger: true, act };
}

function pruning(host: ListHost, state: string, object: string, note?: string): Action {
  const act = (): void => confirm(host, `Remove ${state} ${object}s?`, `${object} prune -f`, note);
  return { verb: `Remove ${state}`, act };
}

function creation(host: ListHost, object: string, hint: string): Action {
  const createLine = (name: string): string => line(object, "create", name || "NAME");
  const title = `Create a ${object}`;
  return { verb: "Create", act: () => askForName(host, title, "Create", "Name", hint, createLine) };
}

function confirm(host: ListHost, title: string, text: string, note?: string): void {
  show(host, { title, text: note, verbs: [{ label: "Remove", danger: true, line: () => text }] });
}

function askForName(
  host: ListHost,
  title: string,
  verb: string,
  label: string,
  hint: string,
  lineOf: (name: string) => string,
): void {
  const verbs: Question["verbs"] = [{ label: verb, line: ({ name = "" }) => lineOf(name) }];
  show(host, { title, fields: [{ name: "name", label, hint }], verbs });
}

function show(host: ListHost, question: Question): void {
  ask(host.root, question, (text) => host.run(text));
}
