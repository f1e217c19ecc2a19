// Images, volumes and networks: one table each, described by its kind.
import type { Container, Port } from "./container";
import { ask, type Question } from "./dialog";
import { el, setText } from "./dom";
import { formatAge, formatBytes } from "./format";
import { line } from "./lines";
import { type Say, type TextKey, verbOf } from "./say";
import { VirtualTable } from "./virtual";

export interface ListHost {
  say: Say;
  root: HTMLElement;
  run(text: string): void;
  inspect(text: string, title: string): void;
  history(image: string): void;
  create(image: string): void;
  portAddress(port: number): string;
}

interface Action {
  verb: TextKey;
  act(): void;
  danger?: boolean;
}

type Objects = "images" | "volumes" | "networks" | "ports";

interface Kind<T> {
  objects: Objects;
  columns: { heading: TextKey; className: string }[];
  key(item: T): string;
  name(item: T): string;
  cells(item: T): (HTMLElement | string)[];
  actions(item: T): Action[];
  tools: Action[]; // above the table
}

export class List<T> {
  readonly root: HTMLElement;
  private readonly count = el("span", { class: "dm-count", role: "status" });
  private readonly empty: HTMLElement;
  private readonly table: VirtualTable<T>;
  private items: T[] = [];
  private query = "";

  constructor(
    private readonly say: Say,
    private readonly kind: Kind<T>,
  ) {
    const columns: Kind<T>["columns"] = [
      ...kind.columns,
      { heading: "actions", className: "dm-c-actions" },
    ];
    this.empty = el("div", { class: "dm-empty" }, say("loading"));
    this.table = new VirtualTable<T>({
      label: say(kind.objects),
      rowHeight: 40,
      columns: columns.map(({ heading, className }) => ({ heading: say(heading), className })),
      key: kind.key,
      cells: (item) => [...kind.cells(item).map((cell) => el("div", {}, cell)), this.actions(item)],
    });
    this.root = el(
      "div",
      { class: `dm-page dm-list-${kind.objects}` },
      el("div", { class: "dm-tools" }, this.search(), this.count, ...this.tools()),
      this.table.root,
      this.empty,
    );
  }

  private search(): HTMLElement {
    const search = el("input", {
      type: "search",
      class: "dm-search",
      placeholder: this.say("search"),
      "aria-label": this.say(`search ${this.kind.objects}`),
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
      el("button", { type: "button", class: `dm-button ${look}`, onclick: act }, this.say(verb));
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
          "aria-label": verbOf(this.say, verb, this.kind.name(item)),
          "data-verb": verb,
          onclick: act,
        },
        this.say(verb),
      ),
    );
    return el("div", {}, ...buttons);
  }

  // Returns the names of the items that are gone.
  update(items: T[]): string[] {
    const { key, name } = this.kind;
    const present = new Set(items.map(key));
    const gone = this.items.filter((item) => !present.has(key(item))).map(name);
    this.items = items;
    this.draw();
    this.table.update(items);
    return gone;
  }

  private draw(): void {
    const matches = (item: T): boolean => JSON.stringify(item).toLowerCase().includes(this.query);
    const shown = this.items.filter(matches);
    const { objects } = this.kind;
    setText(this.count, this.say(`count.${objects}`, { count: shown.length }));
    this.table.show(shown);
    this.table.root.hidden = !shown.length;
    this.empty.hidden = shown.length > 0;
    setText(this.empty, this.say(this.query ? "nothing matches" : `no ${objects}`));
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
  return new List<Image>(host.say, {
    objects: "images",
    columns: [
      { heading: "name", className: "dm-c-name" },
      { heading: "id", className: "dm-c-id" },
      { heading: "created", className: "dm-c-time" },
      { heading: "size", className: "dm-c-size" },
    ],
    key: (image) => image.id,
    name,
    cells: (image) => [
      el(
        "span",
        { class: image.tags.length ? "dm-name" : "dm-sub", title: image.tags.join("\n") },
        image.tags.join(", ") || host.say("dangling"),
      ),
      el("code", {}, shortId(image)),
      formatAge(host.say, image.created),
      formatBytes(image.size),
    ],
    actions: (image) => [
      { verb: "run", act: () => host.create(name(image)) },
      { verb: "history", act: () => host.history(name(image)) },
      inspection(host, "image", name(image)),
      removal(host, name(image), line("rmi", name(image))),
    ],
    tools: [
      {
        verb: "pull",
        act: () => askForName(host, "pull an image", "pull", "image", "nginx:alpine", pullLine),
      },
      {
        verb: "updates",
        act: () => host.inspect(line("images", "--updates"), host.say("updates of images")),
      },
      pruning(
        host,
        "image",
        "remove dangling",
        "remove dangling images",
        "remove dangling images: note",
      ),
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
  return new List<Publication>(host.say, {
    objects: "ports",
    columns: [
      { heading: "host port", className: "dm-c-name" },
      { heading: "container port", className: "dm-c-size" },
      { heading: "container", className: "dm-c-wide" },
    ],
    key: ({ container, port }) => `${container.id} ${port.slice(0, 3).join(" ")}`,
    name: ({ container, port }) =>
      host.say("port of", { port: `${port[1]}/${port[2]}`, container: container.name }),
    cells: ({ container, port }) => [
      publication(host, port),
      `${port[1]}/${port[2]}`,
      el("span", { title: container.name }, container.name),
    ],
    actions: ({ container, port }) =>
      port[0]
        ? [
            {
              verb: "inspect",
              act: () => host.inspect(line("port", container.name), container.name),
            },
          ]
        : [],
    tools: [],
  });
}

// The address of a published port, as a link if a browser can open it.
function publication(host: ListHost, [published, , protocol, addresses]: Port): HTMLElement {
  if (!published) return el("span", { class: "dm-sub" }, host.say("not published"));
  const isOpen =
    !addresses.length || addresses.some((address) => ["0.0.0.0", "::"].includes(address));
  const text = isOpen
    ? host.say("all addresses", { port: String(published) })
    : `${addresses.join(", ")}:${published}`;
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
  return new List<Volume>(host.say, {
    objects: "volumes",
    columns: [
      { heading: "name", className: "dm-c-name" },
      { heading: "driver", className: "dm-c-id" },
      { heading: "mountpoint", className: "dm-c-wide" },
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
      removal(host, name, line("volume", "rm", name), "remove volume: note"),
    ],
    tools: [
      creation(host, "volume", "data"),
      pruning(
        host,
        "volume",
        "remove unused",
        "remove unused volumes",
        "remove unused volumes: note",
      ),
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
  return new List<Network>(host.say, {
    objects: "networks",
    columns: [
      { heading: "name", className: "dm-c-name" },
      { heading: "driver", className: "dm-c-id" },
      { heading: "subnets", className: "dm-c-wide" },
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
    tools: [
      creation(host, "network", "backend"),
      pruning(host, "network", "remove unused", "remove unused networks"),
    ],
  });
}

function inspection(host: ListHost, object: string, name: string): Action {
  return { verb: "inspect", act: () => host.inspect(line(object, "inspect", name), name) };
}

function removal(host: ListHost, name: string, text: string, note?: TextKey): Action {
  const act = (): void => confirm(host, host.say("remove: title", { name }), text, note);
  return { verb: "remove", danger: true, act };
}

function pruning(
  host: ListHost,
  object: string,
  verb: TextKey,
  title: TextKey,
  note?: TextKey,
): Action {
  const act = (): void => confirm(host, host.say(title), `${object} prune -f`, note);
  return { verb, act };
}

function creation(host: ListHost, object: "volume" | "network", hint: string): Action {
  const createLine = (name: string): string => line(object, "create", name || "NAME");
  const act = (): void =>
    askForName(host, `create a ${object}`, "create", "name", hint, createLine);
  return { verb: "create", act };
}

function confirm(host: ListHost, title: string, text: string, note?: TextKey): void {
  const remove = { label: host.say("remove"), danger: true, line: () => text };
  show(host, { title, text: note && host.say(note), verbs: [remove] });
}

function askForName(
  host: ListHost,
  title: TextKey,
  verb: TextKey,
  label: TextKey,
  hint: string,
  lineOf: (name: string) => string,
): void {
  const { say } = host;
  const run = { label: say(verb), line: ({ name = "" }) => lineOf(name) };
  const fields = [{ name: "name", label: say(label), hint }];
  show(host, { title: say(title), fields, verbs: [run] });
}

function show(host: ListHost, question: Question): void {
  ask(host.say, host.root, question, (text) => host.run(text));
}
