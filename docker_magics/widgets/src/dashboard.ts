// The dashboard. The kernel sends lists and changes to them; the page sends command lines.
import type { Container, Page } from "./container";
import { Containers } from "./containers";
import style from "./dashboard.css";
import { Detail } from "./detail";
import { addStyle, el, setText } from "./dom";
import { Lines } from "./lines";
import {
  type Image,
  images,
  type List,
  type ListHost,
  type Network,
  networks,
  type Publication,
  ports,
  publications,
  type Volume,
  volumes,
} from "./lists";
import { Logs } from "./logs";
import {
  type Cleanup,
  type Context,
  type Message,
  type Model,
  PING_MS,
  SILENCE_MS,
  subscribe,
  trySend,
  viewId,
} from "./model";
import { portUrl } from "./ports";
import { type Say, speaker } from "./say";
import { Strip } from "./strip";

const TABS = ["containers", "logs", "ports", "images", "volumes", "networks"] as const;
type Tab = (typeof TABS)[number];
const OBJECTS = { images: "image", volumes: "volume", networks: "network" } as const;
const VISIBLE_MS = 200; // debounces scrolling

export function render({ model, el: host }: Context): Cleanup {
  addStyle(host, "docker-magics-dashboard", style);
  const view = new Dashboard(model, host);
  return () => view.dispose();
}

class Dashboard {
  private readonly say: Say;
  private readonly root: HTMLElement;
  private readonly lines: Lines;
  private readonly containers: Containers;
  private readonly lists: { image: List<Image>; volume: List<Volume>; network: List<Network> };
  private readonly logs: Logs;
  private readonly ports: List<Publication>;
  private readonly detail: Detail;
  private readonly strip: Strip;
  private readonly id = viewId();
  private readonly tabs: HTMLButtonElement[];
  private readonly panel = el("div", { class: "dm-pages", role: "tabpanel" });
  private readonly problem = alert();
  private readonly silence = alert();
  private lastMessage = Date.now();
  private images: Image[] = [];
  private visible: string[] = [];
  private visibleTimer: ReturnType<typeof setTimeout> | undefined;
  private isSingleOpened = false;
  private readonly cleanups: Cleanup[] = [];

  constructor(
    private readonly model: Model,
    host: HTMLElement,
  ) {
    const language = model.get<string>("language");
    this.say = speaker(language);
    this.root = el("section", {
      class: "dm-dashboard",
      "aria-label": this.say("docker"),
      lang: language,
      "data-lm-suppress-shortcuts": "true",
    });
    this.lines = new Lines(model, this.say);
    this.strip = new Strip(this.say, this.lines, (name, text) =>
      this.containers.setCountdown(name, text),
    );
    this.detail = this.makeDetail();
    this.containers = this.makeContainers();
    this.logs = this.makeLogs();
    const lists = this.listHost();
    this.lists = { image: images(lists), volume: volumes(lists), network: networks(lists) };
    this.ports = ports(lists);
    this.tabs = TABS.map((tab) => this.makeTab(tab));
    this.root.append(
      this.makeTabList(),
      this.silence,
      this.problem,
      this.panel,
      this.strip.root,
      this.detail.root,
    );
    host.append(this.root);
    this.listen();
    this.choose("containers");
    this.send({ kind: "list", what: "container" });
    this.send({ kind: "list", what: "image" });
  }

  private makeDetail(): Detail {
    return new Detail({
      say: this.say,
      lines: this.lines,
      manager: this.model.widget_manager,
      hangUp: (console) => this.send({ kind: "hang_up", model: console }),
      logLine: (text) => void this.strip.add(text),
    });
  }

  private makeContainers(): Containers {
    return new Containers({
      say: this.say,
      root: this.root,
      images: () => this.images.flatMap(({ tags }) => tags),
      portAddress: (port) => this.portAddress(port),
      run: (text) => this.strip.run(text),
      open: (container, page) => this.open(container, page),
      openLogs: (project) => this.choose("logs", project),
      setVisible: (ids) => this.setVisible(ids),
    });
  }

  private makeLogs(): Logs {
    return new Logs({
      say: this.say,
      lines: this.lines,
      containers: () => this.containers.list,
      showText: (title, text) => this.detail.text(title, text),
    });
  }

  private listHost(): ListHost {
    return {
      say: this.say,
      root: this.root,
      run: (text: string) => this.strip.run(text),
      inspect: (text: string, title: string) => this.detail.inspect(text, title),
      history: (image: string) => this.detail.history(image),
      create: (image: string) => this.containers.create(image),
      portAddress: (port: number) => this.portAddress(port),
    };
  }

  private makeTab(tab: Tab): HTMLButtonElement {
    const attributes = { type: "button", role: "tab", class: "dm-tab" };
    return el("button", { ...attributes, onclick: () => this.choose(tab) }, this.say(tab));
  }

  private makeTabList(): HTMLElement {
    const attributes = { class: "dm-tabs", role: "tablist", "aria-label": this.say("objects") };
    const onkeydown = (event: KeyboardEvent): void => this.onTabKey(event);
    return el("div", { ...attributes, onkeydown }, ...this.tabs);
  }

  private listen(): void {
    // The notebook would handle these too: move the focus, run shortcuts.
    for (const name of ["mousedown", "dblclick", "keydown"]) {
      this.root.addEventListener(name, (event) => event.stopPropagation());
    }
    this.cleanups.push(subscribe(this.model, (message, buffers) => this.receive(message, buffers)));
    const timer = setInterval(() => this.ping(), PING_MS);
    this.cleanups.push(() => clearInterval(timer));
  }

  // Warns when the kernel is silent: its end is not announced.
  private ping(): void {
    const isShown = this.root.offsetParent !== null;
    if (isShown) this.send({ kind: "ping", view: this.id });
    else this.lastMessage = Date.now(); // a hidden view does not ping
    if (Date.now() - this.lastMessage > SILENCE_MS) {
      show(this.silence, this.say("kernel silent: again"));
    }
  }

  private send(message: Message): void {
    const isSent = trySend(this.model, message);
    if (!isSent) show(this.silence, this.say("kernel ended: again"));
  }

  private receive(message: Message, buffers: DataView[]): void {
    this.lastMessage = Date.now();
    show(this.silence, "");
    switch (message.kind) {
      case "containers":
        this.updateContainers(
          message.rows as Container[],
          message.gone as string[],
          message.whole as boolean,
        );
        break;
      case "list":
        this.updateList(message.what as keyof Dashboard["lists"], message.rows);
        break;
      case "usage":
        this.containers.addUsage(
          message.id as string,
          message.cpu as number,
          message.memory as number,
        );
        break;
      case "problem":
        show(this.problem, message.text as string);
        break;
      default:
        this.lines.receive(message, buffers);
    }
  }

  private updateContainers(containers: Container[], removed: string[], isWhole: boolean): void {
    this.containers.update(containers, removed, isWhole);
    this.detail.follow((id) => this.containers.get(id));
    this.ports.update(publications(this.containers.list));
    this.logs.update();
    this.openSingle(containers);
  }

  private updateList(object: keyof Dashboard["lists"], items: unknown): void {
    if (object === "image") this.images = items as Image[];
    const removed = this.lists[object].update(items as never);
    const isShown = this.panel.contains(this.lists[object].root);
    if (isShown) this.detail.closeRemoved(removed);
  }

  private choose(tab: Tab, project?: string): void {
    for (const [index, button] of this.tabs.entries()) {
      button.setAttribute("aria-selected", String(TABS[index] === tab));
      button.tabIndex = TABS[index] === tab ? 0 : -1;
    }
    this.panel.setAttribute("aria-label", this.say(tab));
    this.detail.close();
    this.logs.close();
    if (tab === "containers" || tab === "ports") {
      this.panel.replaceChildren(tab === "ports" ? this.ports.root : this.containers.root);
      return;
    }
    if (tab === "logs") {
      this.panel.replaceChildren(this.logs.root);
      this.logs.open(project);
      return;
    }
    const object = OBJECTS[tab];
    this.panel.replaceChildren(this.lists[object].root);
    this.send({ kind: "list", what: object });
  }

  private onTabKey(event: KeyboardEvent): void {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const current = this.tabs.indexOf(document.activeElement as HTMLButtonElement);
    const next = (current + step) % TABS.length;
    this.tabs.at(next)?.focus();
    this.choose(TABS.at(next) ?? "containers");
  }

  private open(container: Container, page: Page): void {
    this.detail.open(container, page);
    this.detail.root.scrollIntoView({ block: "nearest" });
  }

  // `docker ui web` starts with the logs of web.
  private openSingle([container, ...others]: Container[]): void {
    if (!this.model.get("single") || this.isSingleOpened || !container || others.length) return;
    this.isSingleOpened = true;
    this.detail.open(container, "logs");
  }

  // Tells the kernel which containers to measure.
  private setVisible(ids: string[]): void {
    if (ids.join() === this.visible.join()) return;
    this.visible = ids;
    clearTimeout(this.visibleTimer);
    const send = (): void => this.send({ kind: "visible", view: this.id, ids: this.visible });
    this.visibleTimer = setTimeout(send, VISIBLE_MS);
  }

  private portAddress(port: number): string {
    const route = {
      host: this.model.get<string>("host"),
      hasProxy: this.model.get<boolean>("proxy"),
    };
    const pageConfig = document.getElementById("jupyter-config-data")?.textContent ?? "";
    return portUrl(port, route, location.hostname, pageConfig);
  }

  dispose(): void {
    for (const cleanup of this.cleanups) cleanup();
    this.detail.close();
    this.containers.dispose();
    this.logs.dispose();
    this.ports.dispose();
    for (const list of Object.values(this.lists)) list.dispose();
    trySend(this.model, { kind: "visible", view: this.id, ids: [] });
  }
}

function alert(): HTMLElement {
  return el("p", { class: "dm-problem", role: "alert", hidden: true });
}

function show(element: HTMLElement, text: string): void {
  element.hidden = !text;
  setText(element, text);
}
