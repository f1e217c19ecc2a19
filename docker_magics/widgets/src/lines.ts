// Docker command lines: composed here, run by the kernel, shown to the user to learn from.
import { type Message, type Model, trySend } from "./model";
import type { Say } from "./say";

// Quotes an argument as a POSIX shell reads it back: single quotes unless all characters are safe.
export function quote(argument: string): string {
  const isSafe = /^[\w@%+=:,./-]+$/.test(argument);
  return isSafe ? argument : `'${argument.replaceAll("'", `'"'"'`)}'`;
}

export function line(...args: string[]): string {
  return args.map(quote).join(" ");
}

// Repeats a flag for each value: `-p 80:80 -p 443:443` for "80:80 443:443".
export function flags(flag: string, values: string): string {
  const args = values.split(/\s+/).filter(Boolean);
  return args.map((value) => `${flag} ${quote(value)}`).join(" ");
}

// One layer or step: its label, its size and how much of that later layers hide, in bytes.
export type Bar = [label: string, size: number, wasted: number];

// Receives the events of one line while it runs; `done` is the last one.
export interface Listener {
  output?(text: string): void;
  progress?(text: string, share: number | null): void;
  grace?(seconds: number, signal: string): void;
  console?(model: string): void;
  data?(bytes: DataView): void;
  bars?(title: string, bars: Bar[]): void;
  files?(rows: Entry[]): void;
  done?(error: string, text: string, code: number): void;
}

// A directory entry: kind is the first letter of `ls -l`, size is in bytes.
export interface Entry {
  kind: string;
  size: number;
  name: string;
}

export class Lines {
  private last = 0;
  private readonly running = new Map<number, Listener>();

  constructor(
    private readonly model: Model,
    private readonly say: Say,
  ) {}

  // Runs a line; returns the action id that stops it.
  run(text: string, listener: Listener): number {
    return this.start({ kind: "run", line: text }, listener);
  }

  // Lists a directory of a container, running or not.
  browse(container: string, folder: string, listener: Listener): number {
    return this.start({ kind: "browse", container, folder }, listener);
  }

  private start(message: Message, listener: Listener): number {
    const action = ++this.last + Math.floor(Math.random() * 1e6) * 1000; // unique across tabs
    this.running.set(action, listener);
    if (!trySend(this.model, { ...message, action })) {
      this.running.delete(action);
      listener.done?.(this.say("kernel ended: again"), "", 1);
    }
    return action;
  }

  stop(action: number): void {
    if (this.running.delete(action)) trySend(this.model, { kind: "stop", action });
  }

  // Dispatches a message from the kernel to the listener of its action.
  receive(message: Message, buffers: DataView[]): void {
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
        if (buffers[0]) listener.data?.(buffers[0]);
        break;
      case "bars":
        listener.bars?.(message.title as string, message.bars as Bar[]);
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
