// Docker command lines: made of words here, run by the kernel, shown to be learnt from.
import type { Message, Model } from "./model";

// As a shell reads it back: what is not plain stands in single quotes.
export function quote(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'"'"'`)}'`;
}

export function line(...words: string[]): string {
  return words.map(quote).join(" ");
}

// What a line tells while it runs, and at its end.
export interface Listener {
  output?(text: string): void;
  progress?(text: string): void;
  grace?(seconds: number, signal: string): void;
  console?(model: string): void;
  data?(bytes: DataView): void;
  done?(error: string, text: string): void;
}

export class Lines {
  private last = 0;
  private readonly running = new Map<number, Listener>();

  constructor(private readonly model: Model) {}

  // Runs a line; gives its number, which stops it.
  run(text: string, listener: Listener): number {
    const action = ++this.last + Math.floor(Math.random() * 1e6) * 1000; // another page has its own
    this.running.set(action, listener);
    try {
      this.model.send({ kind: "run", action, line: text });
    } catch {
      this.running.delete(action);
      listener.done?.("the kernel has ended: run the cell again", "");
    }
    return action;
  }

  stop(action: number): void {
    if (this.running.delete(action)) this.model.send({ kind: "stop", action });
  }

  stopAll(): void {
    for (const action of [...this.running.keys()]) this.stop(action);
  }

  take(message: Message, buffers: DataView[]): void {
    const action = message.action as number;
    const listener = this.running.get(action);
    if (!listener) return;
    switch (message.kind) {
      case "output":
        listener.output?.(message.text as string);
        break;
      case "progress":
        listener.progress?.(message.text as string);
        break;
      case "grace":
        listener.grace?.(message.seconds as number, message.signal as string);
        break;
      case "console":
        listener.console?.(message.model as string);
        break;
      case "data":
        listener.data?.(buffers[0]);
        break;
      case "done":
        this.running.delete(action);
        listener.done?.(message.error as string, message.text as string);
    }
  }
}
