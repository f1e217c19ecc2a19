// What is on the engine. The kernel sends lists and changes (batch), the page sends command lines (run).
import { Containers, type Container, type Page } from "./containers";
import style from "./dashboard.css";
import { Detail } from "./detail";
import { addStyle, copy, el, setText } from "./dom";
import { icon } from "./icons";
import { Lines } from "./lines";
import { images, networks, volumes, type Image, type List, type Network, type Volume } from "./lists";
import type { Cleanup, Context, Message, Model } from "./model";

const TABS = ["Containers", "Images", "Volumes", "Networks"] as const;
type Tab = (typeof TABS)[number];
const HISTORY = 50;
const UNDER_WAY = 4; // lines under a bar
const SIGHT_MS = 200;
const PING_MS = 4000;
const SILENCE_MS = 12_000;

export function render({ model, el: host }: Context): Cleanup {
  addStyle("docker-magics-dashboard", style);
  const view = new Dashboard(model, host);
  return () => view.dispose();
}

class Dashboard {
  readonly root: HTMLElement;
  private readonly lines: Lines;
  private readonly containers: Containers;
  private readonly lists: { image: List<Image>; volume: List<Volume>; network: List<Network> };
  private readonly detail: Detail;
  private readonly tabs: HTMLButtonElement[];
  private readonly page = el("div", { class: "dm-pages", role: "tabpanel" });
  private readonly problem = el("p", { class: "dm-problem", role: "alert", hidden: true });
  private readonly silence = el("p", { class: "dm-problem", role: "alert", hidden: true });
  private readonly strip = el("div", { class: "dm-strip", role: "log", "aria-label": "Commands" });
  private readonly id = crypto.randomUUID?.() ?? String(Math.random());
  private heard = Date.now();
  private known: Image[] = [];
  private sight: string[] = [];
  private sightTimer = 0;
  private hasOpened = false;
  private readonly cleanups: Cleanup[] = [];

  constructor(
    private readonly model: Model,
    host: HTMLElement,
  ) {
    this.root = el("section", { class: "dm-dashboard", "aria-label": "Docker", "data-lm-suppress-shortcuts": "true" });
    this.lines = new Lines(model);
    this.detail = new Detail({
      lines: this.lines,
      manager: model.widget_manager,
      hangUp: (console) => this.send({ kind: "hang_up", model: console }),
      said: (text) => void this.said(text),
    });
    this.containers = new Containers({
      root: this.root,
      images: () => this.known.flatMap(({ tags }) => tags),
      portAddress: (port) => this.portAddress(port),
      run: (text) => this.run(text),
      open: (container, page) => this.open(container, page),
      visible: (ids) => this.inSight(ids),
    });
    const listHost = {
      root: this.root,
      run: (text: string) => this.run(text),
      inspect: (text: string, title: string) => this.detail.inspect(text, title),
      history: (image: string) => this.detail.history(image),
      create: (image: string) => this.containers.create(image),
    };
    this.lists = { image: images(listHost), volume: volumes(listHost), network: networks(listHost) };
    this.tabs = TABS.map((tab) =>
      el("button", { type: "button", role: "tab", class: "dm-tab", onclick: () => this.choose(tab) }, tab),
    );
    this.root.append(
      el("div", { class: "dm-tabs", role: "tablist", "aria-label": "Objects", onkeydown: (event: KeyboardEvent) => this.tabKey(event) }, ...this.tabs),
      this.silence,
      this.problem,
      this.page,
      this.strip,
      this.detail.root,
    );
    host.append(this.root);
    this.listen();
    this.choose("Containers");
    this.send({ kind: "list", what: "container" });
    this.send({ kind: "list", what: "image" });
  }

  private listen(): void {
    for (const event of ["mousedown", "dblclick", "keydown"]) {
      this.root.addEventListener(event, (each) => each.stopPropagation());
    }
    const take = (message: Message, buffers: DataView[]) => this.take(message, buffers);
    this.model.on("msg:custom", take);
    this.cleanups.push(() => this.model.off("msg:custom", take));
    const timer = setInterval(() => this.beat(), PING_MS);
    this.cleanups.push(() => clearInterval(timer));
  }

  // A kernel that has ended says nothing more, and neither does its comm.
  private beat(): void {
    if (this.root.offsetParent) this.send({ kind: "ping", view: this.id });
    else this.heard = Date.now(); // out of sight it asks nothing
    if (Date.now() - this.heard > SILENCE_MS) {
      show(this.silence, "The kernel does not answer. It is busy, or has ended: then run the cell again.");
    }
  }

  private send(message: Message): void {
    try {
      this.model.send(message);
    } catch {
      show(this.silence, "The kernel has ended: run the cell again.");
    }
  }

  private take(message: Message, buffers: DataView[]): void {
    this.heard = Date.now();
    show(this.silence, "");
    if (message.kind === "batch") {
      for (const each of message.messages as Message[]) this.take(each, []);
      return;
    }
    switch (message.kind) {
      case "containers":
        this.containers.update(message.rows as Container[], message.gone as string[], message.whole as boolean);
        this.detail.follow((id) => this.containers.get(id));
        this.openSingle(message.rows as Container[]);
        break;
      case "list":
        if (message.what === "image") this.known = message.rows as Image[];
        this.lists[message.what as keyof typeof this.lists].update(message.rows as never);
        break;
      case "usage":
        this.containers.usage(message.id as string, message.cpu as number, message.memory as number);
        break;
      case "problem":
        show(this.problem, message.text as string);
        break;
      case "pong":
        break;
      default:
        this.lines.take(message, buffers);
    }
  }

  private choose(tab: Tab): void {
    this.tabs.forEach((each, place) => {
      each.setAttribute("aria-selected", String(TABS[place] === tab));
      each.tabIndex = TABS[place] === tab ? 0 : -1;
    });
    this.page.setAttribute("aria-label", tab);
    this.detail.close();
    if (tab === "Containers") {
      this.page.replaceChildren(this.containers.root);
      return;
    }
    const what = { Images: "image", Volumes: "volume", Networks: "network" }[tab] as keyof typeof this.lists;
    this.page.replaceChildren(this.lists[what].root);
    this.send({ kind: "list", what });
  }

  private tabKey(event: KeyboardEvent): void {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const at = this.tabs.findIndex((tab) => tab === document.activeElement);
    const to = (at + step + TABS.length) % TABS.length;
    this.tabs[to].focus();
    this.choose(TABS[to]);
  }

  private open(container: Container, page: Page): void {
    this.detail.open(container, page);
    this.detail.root.scrollIntoView({ block: "nearest" });
  }

  // `docker ui web` begins with what web says.
  private openSingle(rows: Container[]): void {
    if (!this.model.get("single") || this.hasOpened || rows.length !== 1) return;
    this.hasOpened = true;
    this.detail.open(rows[0], "Logs");
  }

  private inSight(ids: string[]): void {
    if (ids.join() === this.sight.join()) return;
    this.sight = ids;
    clearTimeout(this.sightTimer);
    this.sightTimer = setTimeout(() => this.send({ kind: "visible", view: this.id, ids: this.sight }), SIGHT_MS);
  }

  private portAddress(port: number): string {
    const host = this.model.get<string>("host"); // another machine's, or "" for this one's engine
    if (!this.model.get("proxy")) return `http://${host || location.hostname}:${port}/`;
    const config = document.getElementById("jupyter-config-data")?.textContent;
    const base = config ? ((JSON.parse(config) as { baseUrl?: string }).baseUrl ?? "/") : "/";
    return `${base.replace(/\/?$/, "/")}proxy/${host && `${host}:`}${port}/`;
  }

  // A line of the strip: what was run, how it stands, ready to copy.
  private said(text: string): HTMLElement {
    const command = `docker ${text}`;
    const state = el("span", { class: "dm-sub dm-outcome" });
    const copying = el(
      "button",
      { type: "button", class: "dm-tool", title: "Copy", "aria-label": `Copy ${command}`, onclick: () => void copy(command) },
      icon("Copy"),
    );
    this.strip.append(el("div", {}, el("code", {}, command), copying, state));
    while (this.strip.children.length > HISTORY) this.strip.firstElementChild?.remove();
    this.strip.scrollTop = this.strip.scrollHeight;
    return state;
  }

  private run(text: string): void {
    const state = this.said(text);
    const name = text.split(" ").pop() ?? "";
    let timer = 0;
    const begun = performance.now();
    setText(state, "…");
    this.lines.run(text, {
      progress: (lines, share) => this.progress(state, lines, share),
      grace: (seconds, signal) => {
        const end = Date.now() + seconds * 1000;
        const tick = (): void => {
          const left = Math.max(0, Math.ceil((end - Date.now()) / 1000));
          setText(state, `${signal} sent, SIGKILL in ${left} s`);
          this.containers.countdown(name, `SIGKILL in ${left} s`);
        };
        tick();
        timer = setInterval(tick, 250);
      },
      done: (error) => {
        clearInterval(timer);
        this.containers.countdown(name, "");
        state.classList.toggle("dm-failed", Boolean(error));
        state.textContent = error || `done in ${((performance.now() - begun) / 1000).toFixed(1)} s`;
        this.strip.scrollTop = this.strip.scrollHeight;
      },
    });
  }

  // One bar for all, and what is under way underneath: layers, steps.
  private progress(state: HTMLElement, text: string, share: number | null): void {
    const [headline, ...rest] = text.split("\n");
    const words = headline.replace(/ \[[#-]+\]/, ""); // the bar of terminals
    const bar = share !== null && el("progress", { max: 1, value: share, "aria-label": words });
    const under = rest.slice(-UNDER_WAY).map((each) => el("span", {}, each));
    state.replaceChildren(...(bar ? [bar] : []), words, ...under);
    this.strip.scrollTop = this.strip.scrollHeight;
  }

  dispose(): void {
    for (const cleanup of this.cleanups) cleanup();
    this.detail.close();
    this.containers.dispose();
    for (const list of Object.values(this.lists)) list.dispose();
    try {
      this.model.send({ kind: "visible", view: this.id, ids: [] });
    } catch {
      return; // the kernel went first
    }
  }
}

function show(place: HTMLElement, text: string): void {
  place.hidden = !text;
  setText(place, text);
}
