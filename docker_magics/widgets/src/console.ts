// A container's terminal: xterm.js here, the process at the kernel's end.
//
// Kernel to page: replay {to, end} + bytes, output {end} + bytes, pong {to}, ended {ending}.
// Page to kernel (each with this view's id): hello {rows, columns}, input {text}, resize, seen {end},
// ping, transcript {rows}, close.
import { FitAddon } from "@xterm/addon-fit";
import { Unicode11Addon } from "@xterm/addon-unicode11";
import { Terminal } from "@xterm/xterm";
import xtermStyle from "@xterm/xterm/css/xterm.css";
import style from "./console.css";
import { addStyle, copy, el, setText } from "./dom";
import type { Cleanup, Context, Message, Model } from "./model";
import { onTheme, terminalTheme } from "./theme";
import { transcript } from "./transcript";

const ACKNOWLEDGE_BYTES = 64 * 1024;
const PING_MS = 4000;
const SILENCE_MS = 12_000;
const ECHO_BYTES = 1024; // what answers a key is not more
const LEAVE = "Ctrl+Shift+L";

export function render({ model, el: host }: Context): Cleanup {
  addStyle("docker-magics-xterm", xtermStyle);
  addStyle("docker-magics-console", style);
  const view = new Console(model, host);
  return () => view.dispose();
}

class Console {
  private readonly id = crypto.randomUUID?.() ?? String(Math.random());
  private readonly status = el("span", { class: "dm-status", role: "status" });
  private readonly closing = el("button", { class: "dm-button", type: "button" }, "Close");
  private readonly screen = el("div", { class: "dm-screen" });
  private readonly root: HTMLElement;
  private readonly term: Terminal;
  private readonly fit = new FitAddon();
  private readonly cleanups: Cleanup[] = [];
  private isLive = false; // whether the replay has come
  private seen = 0; // bytes shown
  private acknowledged = 0;
  private heard = Date.now();
  private hasEnded = false;
  private hadFocus = false;

  constructor(
    private readonly model: Model,
    host: HTMLElement,
  ) {
    const title = model.get<string>("title");
    const heading = el("code", { class: "dm-title", title }, title);
    this.closing.setAttribute("aria-label", `Close ${title}`);
    this.root = el(
      "section",
      { class: "dm-console", "aria-label": `Console: ${title}`, "data-lm-suppress-shortcuts": "true" },
      el("header", {}, heading, this.status, this.closing),
      this.screen,
    );
    host.append(this.root);
    this.term = this.makeTerminal();
    this.listen();
    if (model.get("ending")) this.end(model.get("ending"));
  }

  private makeTerminal(): Terminal {
    const style = getComputedStyle(this.root);
    const term = new Terminal({
      allowProposedApi: true, // the Unicode 11 widths
      cursorBlink: true,
      fontFamily: style.getPropertyValue("--jp-code-font-family").trim() || "monospace",
      fontSize: parseFloat(style.getPropertyValue("--jp-code-font-size")) || 13,
      lineHeight: 1.15,
      minimumContrastRatio: 4.5,
      scrollback: 5000,
      theme: terminalTheme(this.screen),
    });
    term.loadAddon(this.fit);
    term.loadAddon(new Unicode11Addon());
    term.unicode.activeVersion = "11";
    term.open(this.screen);
    term.textarea?.setAttribute("aria-label", `Terminal. ${LEAVE} leaves it.`);
    term.attachCustomKeyEventHandler((event) => this.takesKey(event));
    return term;
  }

  private listen(): void {
    this.term.onData((text) => this.send("input", { text }));
    this.term.onBinary((text) => this.send("input", { text, binary: true }));
    this.term.onResize(({ rows, cols }) => this.send("resize", { rows, columns: cols }));
    this.closing.addEventListener("click", () => this.send("close"));
    // The notebook would take the focus away, and the keys that are typed.
    for (const event of ["mousedown", "dblclick", "keydown", "contextmenu"]) {
      this.root.addEventListener(event, (each) => each.stopPropagation());
    }
    const take = (message: Message, buffers: DataView[]) => this.take(message, buffers);
    this.model.on("msg:custom", take);
    this.cleanups.push(() => this.model.off("msg:custom", take));
    this.cleanups.push(onTheme(() => (this.term.options.theme = terminalTheme(this.screen))));
    const sizes = new ResizeObserver(() => this.resized());
    sizes.observe(this.screen);
    this.cleanups.push(() => sizes.disconnect());
    const timer = setInterval(() => this.beat(), PING_MS);
    this.cleanups.push(() => clearInterval(timer));
  }

  private send(kind: string, fields: object = {}): void {
    if (this.hasEnded && kind !== "transcript") return;
    try {
      this.model.send({ kind, view: this.id, ...fields });
    } catch {
      this.end("the kernel has ended"); // its comm is gone
    }
  }

  // The first size that is known begins the conversation: before, the view is not on the page.
  private resized(): void {
    const size = this.fit.proposeDimensions();
    if (!size || !size.cols || !this.screen.offsetParent) return;
    this.fit.fit();
    if (!this.isLive) this.hello();
  }

  private hello(): void {
    this.send("hello", { rows: this.term.rows, columns: this.term.cols });
    this.focusOnce(); // what is typed before the process has begun waits for it
  }

  private take(message: Message, buffers: DataView[]): void {
    this.heard = Date.now();
    if (message.to !== undefined && message.to !== this.id) return;
    switch (message.kind) {
      case "replay":
        this.term.reset();
        this.isLive = true;
        this.say("");
        this.write(buffers[0], message.end as number);
        break;
      case "output":
        if (this.isLive) this.write(buffers[0], message.end as number);
        break;
      case "ended":
        this.end(this.model.get("ending"));
        this.term.write("", () => this.send("transcript", { rows: transcript(this.term.buffer.normal) }));
        break;
      case "pong":
        this.say("");
    }
  }

  // A new console takes the keys while its own cell has the focus: who has gone on to another cell
  // types there. In a dashboard it was asked for by a click.
  private focusOnce(): void {
    if (this.hadFocus) return;
    this.hadFocus = true;
    const cell = this.root.closest(".jp-Cell");
    const isAsked = this.root.closest(".dm-dashboard") !== null;
    if (isAsked || cell?.contains(document.activeElement)) this.term.focus();
  }

  private write(bytes: DataView | undefined, end: number): void {
    if (!bytes) return;
    const data = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.term.write(data, () => {
      if (data.length <= ECHO_BYTES) drawNow(this.term);
      this.seen = end;
      if (this.seen - this.acknowledged < ACKNOWLEDGE_BYTES && this.acknowledged <= this.seen) return;
      this.acknowledged = this.seen;
      this.send("seen", { end: this.seen });
    });
  }

  private beat(): void {
    if (this.hasEnded) return;
    if (this.isLive) this.send("ping");
    else if (this.screen.offsetParent) this.hello();
    if (Date.now() - this.heard > SILENCE_MS) this.say("the kernel does not answer: busy, or gone");
  }

  private say(text: string): void {
    if (!this.hasEnded) setText(this.status, text);
  }

  private end(ending: string): void {
    this.say(ending);
    this.hasEnded = true;
    this.closing.remove();
    this.term.options.disableStdin = true;
    this.term.write("\x1b[?25l"); // no cursor
  }

  // True: the terminal takes it. Copy and paste are the browser's, as in Jupyter's own terminal.
  private takesKey(event: KeyboardEvent): boolean {
    if (event.type !== "keydown") return true;
    const key = event.key.toLowerCase();
    const command = event.ctrlKey || event.metaKey;
    if (command && event.shiftKey && key === "l") {
      this.closing.focus();
      event.preventDefault();
      return false;
    }
    if (command && key === "c" && (event.shiftKey || this.term.hasSelection())) {
      void copy(this.term.getSelection());
      this.term.clearSelection();
      event.preventDefault();
      return false;
    }
    return !(command && key === "v");
  }

  dispose(): void {
    for (const cleanup of this.cleanups) cleanup();
    this.term.dispose();
  }
}

// Draws what was written, where xterm.js would wait for the browser's next frame: an echo comes up to
// 17 ms sooner. Its names for that are private; without them it waits.
function drawNow(term: Terminal): void {
  const inner = term as unknown as { _core?: { _renderService?: { _renderDebouncer?: { _innerRefresh?(): void } } } };
  inner._core?._renderService?._renderDebouncer?._innerRefresh?.();
}
