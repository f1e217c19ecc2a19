// A container's terminal: xterm.js in the page, the process in the kernel.
//
// Kernel to page: replay {to, end} + bytes, output {end} + bytes, pong {to}, ended {ending}.
// Page to kernel, each with the view's id: hello {rows, columns}, input {text}, resize {rows, columns},
// seen {end}, ping, transcript {rows}, close.
import { FitAddon } from "@xterm/addon-fit";
import { Unicode11Addon } from "@xterm/addon-unicode11";
import { Terminal } from "@xterm/xterm";
import xtermStyle from "@xterm/xterm/css/xterm.css";
import style from "./console.css";
import { addStyle, copy, el, setText } from "./dom";
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
import { type Say, speaker, verbOf } from "./say";
import { onTheme, terminalTheme } from "./theme";
import { transcript } from "./transcript";

const ACKNOWLEDGE_BYTES = 64 * 1024; // the kernel stops reading without acknowledgements
const MAX_ECHO_BYTES = 1024; // the answer to a key is shorter
const LEAVE_KEY = "Ctrl+Shift+L";
const HIDE_CURSOR = "\x1b[?25l";

export function render({ model, el: host }: Context): Cleanup {
  addStyle(host, "docker-magics-xterm", xtermStyle);
  addStyle(host, "docker-magics-console", style);
  const view = new Console(model, host);
  return () => view.dispose();
}

class Console {
  private readonly say: Say;
  private readonly id = viewId();
  private readonly status = el("span", { class: "dm-status", role: "status" });
  private readonly closeButton = el("button", { class: "dm-button", type: "button" });
  private readonly screen = el("div", { class: "dm-screen" });
  private readonly root: HTMLElement;
  private readonly term: Terminal;
  private readonly fit = new FitAddon();
  private readonly cleanups: Cleanup[] = [];
  private isLive = false; // whether the replay has arrived
  private shown = 0; // bytes of the output
  private acknowledged = 0; // likewise
  private lastMessage = Date.now();
  private hasEnded = false;
  private hadFocus = false;

  constructor(
    private readonly model: Model,
    host: HTMLElement,
  ) {
    this.say = speaker(model.get<string>("language"));
    const title = model.get<string>("title");
    const heading = el("code", { class: "dm-title", title }, title);
    this.closeButton.append(this.say("close"));
    this.closeButton.setAttribute("aria-label", verbOf(this.say, "close", title));
    this.root = el(
      "section",
      {
        class: "dm-console",
        "aria-label": this.say("console", { title }),
        lang: model.get<string>("language"),
        "data-lm-suppress-shortcuts": "true",
      },
      el("header", {}, heading, this.status, this.closeButton),
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
    term.textarea?.setAttribute("aria-label", this.say("terminal", { key: LEAVE_KEY }));
    term.attachCustomKeyEventHandler((event) => this.handlesKey(event));
    return term;
  }

  private listen(): void {
    this.term.onData((text) => this.send("input", { text }));
    this.term.onBinary((text) => this.send("input", { text, binary: true }));
    this.term.onResize(({ rows, cols }) => this.send("resize", { rows, columns: cols }));
    this.closeButton.addEventListener("click", () => this.send("close"));
    // The notebook would handle these too: move the focus, run shortcuts.
    for (const name of ["mousedown", "dblclick", "keydown", "contextmenu"]) {
      this.root.addEventListener(name, (event) => event.stopPropagation());
    }
    this.cleanups.push(subscribe(this.model, (message, buffers) => this.receive(message, buffers)));
    const useTheme = (): void => {
      this.term.options.theme = terminalTheme(this.screen);
    };
    this.cleanups.push(onTheme(useTheme));
    const resizes = new ResizeObserver(() => this.onResize());
    resizes.observe(this.screen);
    this.cleanups.push(() => resizes.disconnect());
    const timer = setInterval(() => this.ping(), PING_MS);
    this.cleanups.push(() => clearInterval(timer));
  }

  private send(kind: string, fields: object = {}): void {
    if (this.hasEnded && kind !== "transcript") return;
    const isSent = trySend(this.model, { kind, view: this.id, ...fields });
    if (!isSent) this.end(this.say("kernel ended"));
  }

  // Starts the session once the view has a size: before, it is not on the page.
  private onResize(): void {
    const size = this.fit.proposeDimensions();
    if (!size?.cols || !this.screen.offsetParent) return;
    this.fit.fit();
    if (!this.isLive) this.hello();
  }

  private hello(): void {
    this.send("hello", { rows: this.term.rows, columns: this.term.cols });
    this.focusOnce(); // the kernel keeps what is typed before the process runs
  }

  private receive(message: Message, buffers: DataView[]): void {
    this.lastMessage = Date.now();
    if (message.to !== undefined && message.to !== this.id) return;
    switch (message.kind) {
      case "replay":
        this.term.reset();
        this.isLive = true;
        this.showStatus("");
        this.write(buffers[0], message.end as number);
        break;
      case "output":
        if (this.isLive) this.write(buffers[0], message.end as number);
        break;
      case "ended":
        this.end(this.model.get("ending"));
        this.term.write("", () =>
          this.send("transcript", { rows: transcript(this.term.buffer.normal) }),
        );
        break;
      case "pong":
        this.showStatus("");
    }
  }

  // Takes the focus, unless the user has moved on to another cell. In a dashboard a click opened it.
  private focusOnce(): void {
    if (this.hadFocus) return;
    this.hadFocus = true;
    const cell = this.root.closest(".jp-Cell");
    const isRequested = this.root.closest(".dm-dashboard") !== null;
    if (isRequested || cell?.contains(document.activeElement)) this.term.focus();
  }

  private write(bytes: DataView | undefined, end: number): void {
    if (!bytes) return;
    const data = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.term.write(data, () => {
      if (data.length <= MAX_ECHO_BYTES) drawNow(this.term);
      this.shown = end;
      const unacknowledged = this.shown - this.acknowledged; // negative after a replay
      if (unacknowledged >= 0 && unacknowledged < ACKNOWLEDGE_BYTES) return;
      this.acknowledged = this.shown;
      this.send("seen", { end: this.shown });
    });
  }

  private ping(): void {
    if (this.hasEnded) return;
    if (this.isLive) this.send("ping");
    else if (this.screen.offsetParent) this.hello();
    const silence = Date.now() - this.lastMessage;
    if (silence > SILENCE_MS) this.showStatus(this.say("kernel silent"));
  }

  private showStatus(text: string): void {
    if (!this.hasEnded) setText(this.status, text);
  }

  private end(ending: string): void {
    this.showStatus(ending);
    this.hasEnded = true;
    this.closeButton.remove();
    this.term.options.disableStdin = true;
    this.term.write(HIDE_CURSOR);
  }

  // Whether the terminal handles a key. Copy and paste work as in Jupyter's terminals.
  private handlesKey(event: KeyboardEvent): boolean {
    if (event.type !== "keydown") return true;
    const key = event.key.toLowerCase();
    const command = event.ctrlKey || event.metaKey;
    if (command && event.shiftKey && key === "l") {
      this.closeButton.focus();
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

// Renders now instead of in the browser's next frame: an echo appears up to 17 ms earlier. This needs
// private fields of xterm.js; without them it does nothing.
function drawNow(term: Terminal): void {
  const inner = term as unknown as {
    _core?: { _renderService?: { _renderDebouncer?: { _innerRefresh?(): void } } };
  };
  inner._core?._renderService?._renderDebouncer?._innerRefresh?.();
}
