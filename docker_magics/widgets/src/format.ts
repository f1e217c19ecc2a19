// Numbers and times as text.

// Decimal units, as the docker CLI prints sizes.
export function formatBytes(count: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let unit = 0;
  for (; count >= 999.5 && unit < units.length - 1; unit++) count /= 1000;
  const digits = count >= 99.5 || unit === 0 ? Math.round(count) : count.toPrecision(2);
  return `${digits} ${units[unit]}`;
}

// `1 image`, `2,011 containers`.
export function pluralize(count: number, noun: string): string {
  return `${count.toLocaleString("en")} ${noun}${count === 1 ? "" : "s"}`;
}

const UNITS: [seconds: number, name: string][] = [
  [86400 * 365, "year"],
  [86400 * 30, "month"],
  [86400 * 7, "week"],
  [86400, "day"],
  [3600, "hour"],
  [60, "minute"],
];

// The age of a Unix time in seconds: `3 days ago`.
export function formatAge(time: number): string {
  const age = Math.max(0, Date.now() / 1000 - time);
  for (const [seconds, name] of UNITS) {
    const count = Math.floor(age / seconds);
    if (count) return `${pluralize(count, name)} ago`;
  }
  return "just now";
}
