// The command lines that ran, newest last, with their progress and outcome.
import { copy, el, setText } from "./dom";
import { icon } from "./icons";
import type { Lines } from "./lines";
import { type Say, verbOf } from "./say";

const MAX_LINES = 50;
const MAX_DETAILS = 4; // lines under a progress bar
const TICK_MS = 250;

export interface Progress {
  headline: string;
  details: string[]; // the layers or steps in progress
}

// Parses the progress that a terminal shows: a headline with a bar, and a line per layer or step.
export function parseProgress(text: string): Progress {
  const [headline = "", ...details] = text.split("\n");
  return { headline: headline.replace(/ \[[#-]+\]/, ""), details: details.slice(-MAX_DETAILS) };
}

export class Strip {
  readonly root = el("div", {
    class: "dm-strip",
    role: "log",
    tabindex: "0",
  });

  constructor(
    private readonly say: Say,
    private readonly lines: Lines,
    private readonly setCountdown: (name: string, text: string) => void,
  ) {
    this.root.setAttribute("aria-label", say("commands"));
  }

  // Adds a line; returns the element of its outcome.
  add(text: string): HTMLElement {
    const command = `docker ${text}`;
    const outcome = el("span", { class: "dm-sub dm-outcome" });
    const button = {
      type: "button",
      class: "dm-tool",
      title: this.say("copy"),
      "aria-label": verbOf(this.say, "copy", command),
      onclick: () => void copy(command),
    };
    const code = el("code", {}, command);
    this.root.append(el("div", {}, code, el("button", button, icon("copy")), outcome));
    while (this.root.children.length > MAX_LINES) this.root.firstElementChild?.remove();
    this.scrollToEnd();
    return outcome;
  }

  // Adds a line and runs it.
  run(text: string): void {
    const outcome = this.add(text);
    const container = text.split(" ").pop() ?? "";
    const start = performance.now();
    let timer: ReturnType<typeof setInterval> | undefined;
    setText(outcome, "…");
    this.lines.run(text, {
      progress: (progress, share) => this.showProgress(outcome, progress, share),
      grace: (seconds, signal) => {
        clearInterval(timer);
        timer = this.countDown(outcome, container, seconds, signal);
      },
      done: (error) => {
        clearInterval(timer);
        this.setCountdown(container, "");
        outcome.classList.toggle("dm-failed", Boolean(error));
        const seconds = ((performance.now() - start) / 1000).toFixed(1);
        outcome.textContent = error || this.say("done", { seconds });
        this.scrollToEnd();
      },
    });
  }

  // Shows the seconds until SIGKILL, here and at the container; returns the timer.
  private countDown(
    outcome: HTMLElement,
    container: string,
    seconds: number,
    signal: string,
  ): ReturnType<typeof setInterval> {
    const end = Date.now() + seconds * 1000;
    const tick = (): void => {
      const left = Math.max(0, Math.ceil((end - Date.now()) / 1000));
      setText(outcome, this.say("signal sent", { signal, seconds: left }));
      this.setCountdown(container, this.say("sigkill in", { seconds: left }));
    };
    tick();
    return setInterval(tick, TICK_MS);
  }

  private showProgress(outcome: HTMLElement, text: string, share: number | null): void {
    const { headline, details } = parseProgress(text);
    const bar = share !== null && el("progress", { max: 1, value: share, "aria-label": headline });
    const rows = details.map((detail) => el("span", {}, detail));
    outcome.replaceChildren(...(bar ? [bar] : []), headline, ...rows);
    this.scrollToEnd();
  }

  private scrollToEnd(): void {
    this.root.scrollTop = this.root.scrollHeight;
  }
}
