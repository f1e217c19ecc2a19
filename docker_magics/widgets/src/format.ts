// Numbers and times as text.
import type { Say, TextKey } from "./say";

// Decimal units, as the docker CLI prints sizes.
export function formatBytes(count: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let unit = 0;
  for (; count >= 999.5 && unit < units.length - 1; unit++) count /= 1000;
  const digits = count >= 99.5 || unit === 0 ? Math.round(count) : count.toPrecision(2);
  return `${digits} ${units[unit]}`;
}

const UNITS: [seconds: number, key: TextKey][] = [
  [86400 * 365, "count.years"],
  [86400 * 30, "count.months"],
  [86400 * 7, "count.weeks"],
  [86400, "count.days"],
  [3600, "count.hours"],
  [60, "count.minutes"],
];

// The age of a Unix time in seconds: `3 days ago`.
export function formatAge(say: Say, time: number): string {
  const age = Math.max(0, Date.now() / 1000 - time);
  for (const [seconds, key] of UNITS) {
    const count = Math.floor(age / seconds);
    if (count) return say(key, { count });
  }
  return say("just now");
}
