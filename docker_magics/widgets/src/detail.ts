// One container or image, below the list: logs, a console, its JSON, its files, its layers.
import { bytes, counted, lifeCycle } from "./charts";
import type { Container, Page } from "./containers";
import { copy, el, setText } from "./dom";
import { line, type Entry, type Lines } from "./lines";
import type { Cleanup, WidgetManager } from "./model";
import { onlyFile } from "./untar";

const LINES = 5000;

export interface DetailHost {
  lines: Lines;
  manager: WidgetManager;
  hangUp(model: string): void;
  said(text: string): void; // a line that runs for the page's sake
}

export class Detail {
  readonly root = el("section", { class: "dm-detail", hidden: true });
  private cleanup: Cleanup = () => undefined;
  private container: Container | undefined;
  private before: HTMLElement | null = null; // what had the focus
  private readonly life = el("div", { class: "dm-lifebox" });

  constructor(private readonly host: DetailHost) {}

  close(): void {
    const hadFocus = this.root.contains(document.activeElement);
    this.clear();
    this.root.hidden = true;
    if (hadFocus) this.before?.focus();
  }

  private clear(): void {
    if (!this.root.contains(document.activeElement)) this.before = document.activeElement as HTMLElement | null;
    this.cleanup();
    this.cleanup = () => undefined;
    this.container = undefined;
    this.root.replaceChildren();
  }

  // The container that is shown has changed, or gone.
  follow(find: (id: string) => Container | undefined): void {
    if (!this.container) return;
    const now = find(this.container.id);
    this.life.replaceChildren(lifeCycle(now ? now.state : "removed"));
    if (now) this.container = now;
  }

  open(container: Container, page: Page): void {
    const hadFocus = this.root.contains(document.activeElement);
    this.clear();
    this.container = container;
    const pages = (["Logs", "Exec", "Inspect", "Files"] as const).map((name) =>
      el(
        "button",
        { type: "button", class: "dm-chip", "aria-pressed": name === page, disabled: name === "Exec" && container.state !== "running", onclick: () => this.container && this.open(this.container, name) },
        name,
      ),
    );
    this.life.replaceChildren(lifeCycle(container.state));
    const body = this.frame(container.name, pages, this.life);
    if (hadFocus) pages.find((each) => each.getAttribute("aria-pressed") === "true")?.focus();
    if (page === "Logs") this.cleanup = this.logs(container, body);
    else if (page === "Exec") this.cleanup = this.exec(container, body);
    else if (page === "Files") this.files(container, body, "/");
    else this.show(line("inspect", container.name), body);
  }

  // The text that a line gives: inspect's JSON.
  inspect(text: string, title: string): void {
    this.clear();
    this.show(text, this.frame(title, []));
  }

  history(image: string): void {
    this.clear();
    const body = this.frame(image, []);
    body.append(el("p", { class: "dm-sub" }, "Reading the layers…"));
    this.host.said(line("history", image));
    this.host.lines.run(line("history", "--plot", image), {
      bars: (_title, bars) => body.replaceChildren(layers(bars)),
      done: (error) => error && body.replaceChildren(problem(error)),
    });
  }

  private frame(title: string, pages: HTMLElement[], side?: HTMLElement): HTMLElement {
    const body = el("div", { class: "dm-body" });
    const closing = el("button", { type: "button", class: "dm-button", "aria-label": `Close ${title}`, onclick: () => this.close() }, "Close");
    this.root.replaceChildren(
      el("header", {}, el("h3", { title }, title), el("span", { class: "dm-chips" }, ...pages), closing),
      ...(side ? [side] : []),
      body,
    );
    this.root.hidden = false;
    return body;
  }

  private show(text: string, body: HTMLElement): void {
    this.host.said(text);
    const pre = el("pre", { class: "dm-output", tabindex: "0" }, "…");
    const copying = el("button", { type: "button", class: "dm-text", onclick: () => void copy(pre.textContent ?? "") }, "Copy");
    body.append(el("div", { class: "dm-tools" }, copying), pre);
    this.host.lines.run(text, { done: (error, output) => setText(pre, error || output) });
  }

  private logs(container: Container, body: HTMLElement): Cleanup {
    const text = line("logs", "-f", "--tail", "1000", container.name);
    this.host.said(text);
    const log = new Log();
    body.append(log.tools, log.pre);
    const action = this.host.lines.run(text, {
      output: (more) => log.add(more),
      done: (error) => error && log.add(`${error}\n`),
    });
    return () => this.host.lines.stop(action);
  }

  private exec(container: Container, body: HTMLElement): Cleanup {
    const text = line("exec", "-it", container.name, "sh");
    this.host.said(text);
    let remove: Cleanup = () => undefined;
    let isOpen = true;
    const action = this.host.lines.run(text, {
      console: async (id) => {
        const manager = this.host.manager;
        const view = await manager.create_view(await manager.get_model(id));
        remove = () => {
          view.remove();
          this.host.hangUp(id);
        };
        if (isOpen) body.append(view.el);
        else remove();
      },
      done: (error) => error && body.append(problem(error)),
    });
    return () => {
      isOpen = false;
      this.host.lines.stop(action);
      remove();
    };
  }

  // As `ls` in the container has it; without one, or where it does not run, from its archive.
  private files(container: Container, body: HTMLElement, folder: string): void {
    const show = (entries: Entry[]): void =>
      body.replaceChildren(
        this.trail(container, body, folder),
        el("ul", { class: "dm-files" }, ...sorted(entries).map((entry) => this.file(container, body, folder, entry))),
      );
    const fail = (error: string): void =>
      body.replaceChildren(this.trail(container, body, folder), problem(error));
    const unpack = (): void => {
      this.host.said(`${line("cp", `${container.name}:${folder}`, "-")} | tar -t`);
      this.host.lines.browse(container.name, folder, { files: show, done: (error) => error && fail(error) });
    };
    if (container.state !== "running") return unpack();
    const text = line("exec", container.name, "ls", "-lA", folder);
    this.host.said(text);
    let output = "";
    this.host.lines.run(text, {
      output: (more) => (output += more),
      done: (error, _text, code) => (error || code > 1 ? unpack() : show(listing(output))),
    });
  }

  private trail(container: Container, body: HTMLElement, folder: string): HTMLElement {
    const names = folder.split("/").filter(Boolean);
    const stops = ["/", ...names.map((_, place) => `/${names.slice(0, place + 1).join("/")}`)];
    return el(
      "nav",
      { class: "dm-trail", "aria-label": "Folder" },
      ...stops.map((stop, place) =>
        el("button", { type: "button", class: "dm-text", onclick: () => this.files(container, body, stop) }, place ? names[place - 1] : "/"),
      ),
    );
  }

  private file(container: Container, body: HTMLElement, folder: string, entry: Entry): HTMLElement {
    const path = `${folder === "/" ? "" : folder}/${entry.name}`;
    const name = entry.kind === "d"
      ? el("button", { type: "button", class: "dm-link", onclick: () => this.files(container, body, path) }, `${entry.name}/`)
      : el("span", {}, entry.name);
    const download = el(
      "button",
      { type: "button", class: "dm-text", "aria-label": `Download ${entry.name}`, onclick: () => this.download(container, path) },
      "Download",
    );
    return el("li", {}, name, el("span", { class: "dm-sub" }, entry.kind === "-" ? bytes(entry.size) : ""), download);
  }

  // As `docker cp web:/etc/hosts -`: a tar archive, of which a single file is taken out.
  private download(container: Container, path: string): void {
    const text = line("cp", `${container.name}:${path}`, "-");
    const name = path.split("/").pop() || container.name;
    this.host.said(text);
    this.host.lines.run(text, {
      data: (data) => {
        const file = onlyFile(data);
        if (file) save(file, name, "application/octet-stream");
        else save(data as DataView<ArrayBuffer>, `${name}.tar`, "application/x-tar");
      },
      done: (error) => error && this.host.said(`${text}: ${error}`),
    });
  }
}

// The lines of `ls -lA`, of coreutils and BusyBox alike.
function listing(output: string): Entry[] {
  const found = output.split("\n").map((text) =>
    /^([-dlbcps])\S{9}\S?\s+\d+\s+\S+\s+\S+\s+(\d+)(?:,\s*\d+)?\s+\S+\s+\S+\s+\S+\s(.*)$/.exec(text.trimEnd()),
  );
  return found
    .filter((match) => match !== null)
    .map(([, kind, size, name]) => ({ kind, size: Number(size), name: kind === "l" ? name.split(" -> ")[0] : name }));
}

// Folders first.
function sorted(entries: Entry[]): Entry[] {
  return entries.sort(
    (one, other) => Number(other.kind === "d") - Number(one.kind === "d") || one.name.localeCompare(other.name),
  );
}

// Layers from the base up, as bars of their sizes; what later layers hide is wasted.
function layers(bars: [label: string, value: number, wasted: number][]): HTMLElement {
  const largest = Math.max(1, ...bars.map(([, size]) => size));
  const total = bars.reduce((sum, [, size]) => sum + size, 0);
  const lost = bars.reduce((sum, [, , wasted]) => sum + wasted, 0);
  const rows = bars.map(([label, size, wasted]) => {
    const [kept, gone] = [el("span", { class: "dm-bar" }), el("span", { class: "dm-bar dm-wasted" })];
    kept.style.width = `${((size - wasted) / largest) * 100}%`;
    gone.style.width = `${(wasted / largest) * 100}%`;
    return el(
      "li",
      {},
      el("code", { title: label }, label),
      el("span", { class: "dm-barbox" }, kept, gone),
      el("span", { class: "dm-number" }, bytes(size)),
      el("span", { class: "dm-number dm-waste" }, wasted ? `${bytes(wasted)} wasted` : ""),
    );
  });
  const waste = lost ? `, ${bytes(lost)} wasted: later layers replace or delete it` : ", nothing wasted";
  return el(
    "div",
    {},
    el("p", { class: "dm-sub" }, `${counted(bars.length, "layer")}, ${bytes(total)}${waste}`),
    el("ol", { class: "dm-layers" }, ...rows),
  );
}

class Log {
  readonly pre = el("pre", { class: "dm-output dm-log", tabindex: "0", "aria-label": "Logs" });
  readonly tools: HTMLElement;
  private readonly count = el("span", { class: "dm-sub" });
  private lines: string[] = [];
  private rest = "";
  private wanted = "";

  constructor() {
    const search = el("input", {
      type: "search", class: "dm-search", placeholder: "Search the logs", "aria-label": "Search the logs",
      oninput: () => {
        this.wanted = search.value.toLowerCase();
        this.draw();
      },
    });
    this.tools = el("div", { class: "dm-tools" }, search, this.count);
  }

  add(text: string): void {
    // Colours and the like are for terminals.
    const parts = (this.rest + text.replace(/\x1b\[[0-?]*[ -/]*[@-~]/g, "")).split("\n");
    this.rest = parts.pop() ?? "";
    this.lines = [...this.lines, ...parts].slice(-LINES);
    this.draw();
  }

  private draw(): void {
    const atEnd = this.pre.scrollTop + this.pre.clientHeight >= this.pre.scrollHeight - 4;
    const all = this.rest ? [...this.lines, this.rest] : this.lines;
    const shown = this.wanted ? all.filter((each) => each.toLowerCase().includes(this.wanted)) : all;
    setText(this.count, this.wanted ? `${shown.length} of ${counted(all.length, "line")}` : counted(all.length, "line"));
    setText(this.pre, shown.join("\n"));
    if (atEnd) this.pre.scrollTop = this.pre.scrollHeight;
  }
}

function problem(text: string): HTMLElement {
  return el("p", { class: "dm-problem", role: "alert" }, text);
}

function save(data: DataView<ArrayBuffer> | Uint8Array<ArrayBuffer>, name: string, type: string): void {
  const url = URL.createObjectURL(new Blob([data], { type }));
  el("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
