// Images, volumes and networks.
import { ago, bytes, counted } from "./charts";
import { ask, type Question } from "./dialog";
import { el, setText } from "./dom";
import { line } from "./lines";
import { VirtualTable } from "./virtual";

export interface ListHost {
  root: HTMLElement;
  run(text: string): void;
  inspect(text: string, title: string): void;
  history(image: string): void;
  create(image: string): void;
}

type Cells = (HTMLElement | string)[];

interface Kind<T> {
  what: string;
  label: string;
  columns: { heading: string; className: string }[];
  key(item: T): string;
  cells(item: T): Cells;
  verbs(item: T): [verb: string, name: string, act: () => void, danger?: boolean][];
  tools: [verb: string, act: () => void][];
}

export class List<T> {
  readonly root: HTMLElement;
  private readonly count = el("span", { class: "dm-count", role: "status" });
  private readonly empty = el("div", { class: "dm-empty" }, "Loading…");
  private readonly table: VirtualTable<T>;
  private items: T[] = [];
  private text = "";

  constructor(private readonly kind: Kind<T>) {
    this.table = new VirtualTable<T>({
      label: kind.label,
      rowHeight: 40,
      columns: [...kind.columns, { heading: "Actions", className: "dm-c-actions" }],
      key: kind.key,
      make: (item) => [...kind.cells(item).map((cell) => el("div", {}, cell)), this.actions(item)],
    });
    const search = el("input", {
      type: "search", class: "dm-search", placeholder: "Search", "aria-label": `Search ${kind.label.toLowerCase()}`,
      oninput: () => {
        this.text = search.value.toLowerCase();
        this.draw();
      },
    });
    const tools = kind.tools.map(([verb, act], place) =>
      el("button", { type: "button", class: place ? "dm-button" : "dm-button dm-primary", onclick: act }, verb),
    );
    this.root = el(
      "div",
      { class: `dm-page dm-list-${kind.what}` },
      el("div", { class: "dm-tools" }, search, this.count, ...tools.reverse()),
      this.table.root,
      this.empty,
    );
  }

  update(items: T[]): void {
    this.items = items;
    this.draw();
    this.table.renew(items);
  }

  private draw(): void {
    const shown = this.items.filter((item) => JSON.stringify(item).toLowerCase().includes(this.text));
    setText(this.count, counted(shown.length, this.kind.what));
    this.table.show(shown);
    this.table.root.hidden = !shown.length;
    this.empty.hidden = shown.length > 0;
    setText(this.empty, this.text ? "Nothing matches." : `No ${this.kind.label.toLowerCase()} yet.`);
  }

  private actions(item: T): HTMLElement {
    const buttons = this.kind.verbs(item).map(([verb, name, act, danger]) =>
      el(
        "button",
        { type: "button", class: danger ? "dm-text dm-item-danger" : "dm-text", "aria-label": `${verb} ${name}`, "data-verb": verb, onclick: act },
        verb,
      ),
    );
    return el("div", {}, ...buttons);
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
  const name = (image: Image): string => image.tags[0] ?? image.id.slice(7, 19);
  return new List<Image>({
    what: "image",
    label: "Images",
    columns: [
      { heading: "Name", className: "dm-c-name" },
      { heading: "ID", className: "dm-c-id" },
      { heading: "Created", className: "dm-c-time" },
      { heading: "Size", className: "dm-c-size" },
    ],
    key: (image) => image.id,
    cells: (image) => [
      el("span", { class: image.tags.length ? "dm-name" : "dm-sub", title: image.tags.join("\n") }, image.tags.join(", ") || "dangling"),
      el("code", {}, image.id.slice(7, 19)),
      ago(image.created),
      bytes(image.size),
    ],
    verbs: (image) => [
      ["Run", name(image), () => host.create(name(image))],
      ["History", name(image), () => host.history(name(image))],
      ["Inspect", name(image), () => host.inspect(line("image", "inspect", name(image)), name(image))],
      ["Remove", name(image), () => confirm(host, `Remove ${name(image)}?`, "Remove", line("rmi", name(image))), true],
    ],
    tools: [
      ["Pull", () => askFor(host, "Pull an image", "Pull", "Image", "nginx:alpine", (value) => line("pull", value || "IMAGE"))],
      ["Remove dangling", () => confirm(host, "Remove dangling images?", "Remove", "image prune -f", "Images without a name that no other image needs.")],
    ],
  });
}

export interface Volume {
  name: string;
  driver: string;
  mountpoint: string;
}

export function volumes(host: ListHost): List<Volume> {
  return new List<Volume>({
    what: "volume",
    label: "Volumes",
    columns: [
      { heading: "Name", className: "dm-c-name" },
      { heading: "Driver", className: "dm-c-id" },
      { heading: "Mountpoint", className: "dm-c-wide" },
    ],
    key: (volume) => volume.name,
    cells: (volume) => [
      el("span", { class: "dm-name", title: volume.name }, volume.name),
      volume.driver,
      el("span", { class: "dm-sub", title: volume.mountpoint }, volume.mountpoint),
    ],
    verbs: (volume) => [
      ["Inspect", volume.name, () => host.inspect(line("volume", "inspect", volume.name), volume.name)],
      ["Remove", volume.name, () => confirm(host, `Remove ${volume.name}?`, "Remove", line("volume", "rm", volume.name), "Its data goes with it."), true],
    ],
    tools: [
      ["Create", () => askFor(host, "Create a volume", "Create", "Name", "data", (value) => line("volume", "create", value || "NAME"))],
      ["Remove unused", () => confirm(host, "Remove unused volumes?", "Remove", "volume prune -f", "Volumes that no container uses, with their data.")],
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

const BUILT_IN = new Set(["bridge", "host", "none", "podman"]);

export function networks(host: ListHost): List<Network> {
  return new List<Network>({
    what: "network",
    label: "Networks",
    columns: [
      { heading: "Name", className: "dm-c-name" },
      { heading: "Driver", className: "dm-c-id" },
      { heading: "Subnets", className: "dm-c-wide" },
    ],
    key: (network) => network.id,
    cells: (network) => [
      el("span", { class: "dm-name", title: network.name }, network.name),
      network.driver,
      network.subnets.join(", "),
    ],
    verbs: (network) => [
      ["Inspect", network.name, () => host.inspect(line("network", "inspect", network.name), network.name)],
      ...(BUILT_IN.has(network.name)
        ? []
        : [["Remove", network.name, () => confirm(host, `Remove ${network.name}?`, "Remove", line("network", "rm", network.name)), true] as [string, string, () => void, boolean]]),
    ],
    tools: [
      ["Create", () => askFor(host, "Create a network", "Create", "Name", "backend", (value) => line("network", "create", value || "NAME"))],
      ["Remove unused", () => confirm(host, "Remove unused networks?", "Remove", "network prune -f")],
    ],
  });
}

function confirm(host: ListHost, title: string, verb: string, text: string, about?: string): void {
  put(host, { title, text: about, verbs: [{ label: verb, danger: true, line: () => text }] });
}

function askFor(host: ListHost, title: string, verb: string, label: string, hint: string, made: (value: string) => string): void {
  put(host, { title, fields: [{ name: "value", label, hint }], verbs: [{ label: verb, line: ({ value }) => made(value) }] });
}

function put(host: ListHost, question: Question): void {
  ask(host.root, question, (text) => host.run(text));
}
