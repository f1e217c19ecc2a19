// The log lines of several containers, in the order of their times.
import { CONTROL_SEQUENCE } from "./log";

export interface Entry {
  id: number;
  time: string; // RFC 3339 with nanoseconds; such texts sort as times
  container: string; // its id
  text: string;
}

const MAX_ENTRIES = 100_000;

export class Entries {
  private all: Entry[] = [];
  private count = 0;
  private readonly rests = new Map<string, string>(); // after the last newline, by container
  private readonly times = new Map<string, string>(); // of the last line, by container
  private readonly resumed = new Map<string, string>(); // the times from which a log is read again

  constructor(private readonly max = MAX_ENTRIES) {}

  // Adds a part of a container's log with timestamps.
  add(container: string, part: string): void {
    const lines = ((this.rests.get(container) ?? "") + part).split("\n");
    this.rests.set(container, lines.pop() ?? "");
    const resumed = this.resumed.get(container) ?? "";
    for (const line of lines) {
      const [time = "", ...words] = line.replace(/\r$/, "").split(" ");
      if (time <= resumed) continue; // it is there already
      const text = words.join(" ").replace(CONTROL_SEQUENCE, "");
      this.all.push({ id: this.count++, time, container, text });
      this.times.set(container, time);
    }
  }

  // Returns the time since which a container's log has to be read, "" if from its start.
  resume(container: string): string {
    const time = this.times.get(container) ?? "";
    this.resumed.set(container, time);
    this.rests.delete(container);
    return time;
  }

  // Returns the entries that contain a lower-case text, in any case; the newest if there are many.
  search(text: string): Entry[] {
    this.sort();
    this.all = this.all.slice(-this.max);
    return text ? this.all.filter((entry) => entry.text.toLowerCase().includes(text)) : this.all;
  }

  private sort(): void {
    const isSorted = this.all.every((entry, at) => (this.all[at - 1]?.time ?? "") <= entry.time);
    if (!isSorted)
      this.all.sort((one, other) =>
        one.time === other.time ? one.id - other.id : one.time < other.time ? -1 : 1,
      );
  }
}
