// The details of one container or image, below the table: logs, console, JSON, files, layers.
import { lifeCycle } from "./charts";
import { type Container, healthOf, healthText, PAGES, type Page } from "./container";
import { copy, el, setText } from "./dom";
import { Files, problem } from "./files";
import { layers } from "./layers";
import { type Lines, line } from "./lines";
import { Log } from "./log";
import type { Cleanup, WidgetManager } from "./model";
import { type Say, verbOf } from "./say";

// What the details need from the dashboard.
export interface DetailHost {
  say: Say;
  lines: Lines;
  manager: WidgetManager;
  hangUp(model: string): void;
  logLine(text: string): void; // shows a line that the page runs by itself
}

const noCleanup: Cleanup = () => undefined;

// Adds a place for text, with a button to copy it.
function outputIn(say: Say, body: HTMLElement): HTMLElement {
  const region = { tabindex: "0", role: "region", "aria-label": say("output") };
  const pre = el("pre", { class: "dm-output", ...region }, "…");
  const copyOutput = (): void => void copy(pre.textContent ?? "");
  const attributes = { type: "button", class: "dm-text", onclick: copyOutput };
  const button = el("button", attributes, say("copy"));
  body.append(el("div", { class: "dm-tools" }, button), pre);
  return pre;
}

export class Detail {
  readonly root = el("section", { class: "dm-detail", hidden: true });
  private cleanup = noCleanup;
  private container: Container | undefined;
  private object: string | undefined; // the name of an image, volume or network
  private previousFocus: HTMLElement | null = null;
  private readonly life = el("div", { class: "dm-lifebox" });

  private readonly say: Say;

  constructor(private readonly host: DetailHost) {
    this.say = host.say;
    this.root.setAttribute("aria-label", this.say("details"));
  }

  close(): void {
    const hadFocus = this.hasFocus();
    this.clear();
    this.root.hidden = true;
    if (hadFocus) this.previousFocus?.focus();
  }

  // Closes the details of an object that was removed.
  closeRemoved(names: string[]): void {
    if (this.object !== undefined && names.includes(this.object)) this.close();
  }

  private clear(): void {
    if (!this.hasFocus()) this.previousFocus = document.activeElement as HTMLElement | null;
    this.cleanup();
    this.cleanup = noCleanup;
    this.container = undefined;
    this.object = undefined;
    this.root.replaceChildren();
  }

  private hasFocus(): boolean {
    return this.root.contains(document.activeElement);
  }

  // Follows the state of the container that is shown. It may have been removed.
  follow(find: (id: string) => Container | undefined): void {
    if (!this.container) return;
    const current = find(this.container.id);
    this.life.replaceChildren(lifeCycle(this.say, current ? current.state : "removed"));
    if (current) this.container = current;
  }

  open(container: Container, page: Page): void {
    const hadFocus = this.hasFocus();
    this.clear();
    this.container = container;
    const pages = PAGES.filter((name) => name !== "health" || healthOf(container.status));
    const chips = pages.map((name) => this.chip(name, name === page, container));
    this.life.replaceChildren(lifeCycle(this.say, container.state));
    const body = this.frame(container.name, chips, this.life);
    if (hadFocus) chips[pages.indexOf(page)]?.focus();
    const logLine = line("logs", "-f", "--tail", "1000", container.name);
    if (page === "logs") this.cleanup = this.showLog(logLine, body);
    else if (page === "exec") this.cleanup = this.exec(container, body);
    else if (page === "files") this.files(container, body);
    else if (page === "health") this.showHealth(container.name, body);
    else if (page === "compose")
      this.showOutput(line("container", "inspect", "--compose", container.name), body);
    else this.showOutput(line("inspect", container.name), body);
  }

  private chip(page: Page, isOpen: boolean, container: Container): HTMLElement {
    const attributes = {
      type: "button",
      class: "dm-chip",
      "aria-pressed": isOpen,
      disabled: page === "exec" && container.state !== "running",
      onclick: () => this.container && this.open(this.container, page),
    };
    return el("button", attributes, this.say(page));
  }

  // Shows the output of a line: the JSON of inspect.
  inspect(text: string, title: string): void {
    this.clear();
    this.object = title;
    this.showOutput(text, this.frame(title, []));
  }

  // Shows a text as it is: a long line of a log.
  text(title: string, text: string): void {
    this.clear();
    setText(outputIn(this.say, this.frame(title, [])), text);
  }

  history(image: string): void {
    this.clear();
    this.object = image;
    const body = this.frame(image, []);
    body.append(el("p", { class: "dm-sub" }, this.say("reading layers")));
    this.host.logLine(line("history", image));
    this.host.lines.run(line("history", "--plot", image), {
      bars: (_title, bars) => body.replaceChildren(layers(this.say, bars)),
      done: (error) => error && body.replaceChildren(problem(error)),
    });
  }

  private frame(title: string, chips: HTMLElement[], life?: HTMLElement): HTMLElement {
    const body = el("div", { class: "dm-body" });
    const close = {
      type: "button",
      class: "dm-button",
      "aria-label": verbOf(this.say, "close", title),
      onclick: () => this.close(),
    };
    const header = el(
      "header",
      {},
      el("h3", { title }, title),
      el("span", { class: "dm-chips" }, ...chips),
      el("button", close, this.say("close")),
    );
    this.root.replaceChildren(header, ...(life ? [life] : []), body);
    this.root.hidden = false;
    return body;
  }

  private showHealth(name: string, body: HTMLElement): void {
    const text = line("inspect", "--format", "{{json .State.Health}}", name);
    this.showOutput(text, body, (output) => healthText(this.say, output));
  }

  private showOutput(
    text: string,
    body: HTMLElement,
    format = (output: string): string => output,
  ): void {
    this.host.logLine(text);
    const pre = outputIn(this.say, body);
    this.host.lines.run(text, { done: (error, output) => setText(pre, error || format(output)) });
  }

  // Follows the log that a line prints.
  private showLog(text: string, body: HTMLElement): Cleanup {
    this.host.logLine(text);
    const log = new Log(this.say);
    body.append(log.tools, log.pre);
    const action = this.host.lines.run(text, {
      output: (more) => log.add(more),
      done: (error) => error && log.add(`${error}\n`),
    });
    return () => this.host.lines.stop(action);
  }

  private exec(container: Container, body: HTMLElement): Cleanup {
    const text = line("exec", "-it", container.name, "sh");
    this.host.logLine(text);
    let remove = noCleanup;
    let isOpen = true;
    const action = this.host.lines.run(text, {
      console: async (id) => {
        const { manager } = this.host;
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

  private files(container: Container, body: HTMLElement): void {
    body.append(new Files(this.say, container, this.host.lines, this.host.logLine).root);
  }
}
