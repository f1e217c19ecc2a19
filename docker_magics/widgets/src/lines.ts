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
  progress?(text: string, share: number | null): void;
  grace?(seconds: number, signal: string): void;
  console?(model: string): void;
  data?(bytes: DataView): void;
  bars?(title: string, bars: [label: string, value: number, wasted: number][]): void;
  files?(rows: Entry[]): void;
  done?(error: string, text: string, code: number): void;
}

// What a folder has: kind is the letter of `ls -l`, size is in bytes.
export interface Entry {
  kind: string;
  size: number;
  name: string;
}

export class Lines {
  private last = 0;
  private readonly running = new Map<number, Listener>();

  constructor(private readonly model: Model) {}

  // Runs a line; gives its number, which stops it.
  run(text: string, listener: Listener): number {
    return this.ask({ kind: "run", line: text }, listener);
  }

  // What is in a folder of a container, whether it runs or not.
  browse(container: string, folder: string, listener: Listener): number {
    return this.ask({ kind: "browse", container, folder }, listener);
  }

  private ask(message: Message, listener: Listener): number {
    const action = ++this.last + Math.floor(Math.random() * 1e6) * 1000; // another page has its own
    this.running.set(action, listener);
    try {
      this.model.send({ ...message, action });
    } catch {
      this.running.delete(action);
      listener.done?.("the kernel has ended: run the cell again", "", 1);
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
        listener.progress?.(message.text as string, message.share as number | null);
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
      case "bars":
        listener.bars?.(message.title as string, message.bars as [string, number, number][]);
        break;
      case "files":
        listener.files?.(message.rows as Entry[]);
        break;
      case "done":
        this.running.delete(action);
        listener.done?.(message.error as string, message.text as string, message.code as number);
    }
  }
}
