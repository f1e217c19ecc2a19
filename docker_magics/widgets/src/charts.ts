// Numbers as text and as small pictures.
import { svg } from "./dom";

const POINTS = 30;
const WIDTH = 72;
const HEIGHT = 20;

// The last of one number, drawn as a sparkline.
export class Series {
  private readonly values: number[] = [];

  add(value: number): void {
    this.values.push(value);
    if (this.values.length > POINTS) this.values.shift();
  }

  get last(): number | undefined {
    return this.values[this.values.length - 1];
  }

  // At least `scale` fits in: noise near zero stays low.
  draw(label: string, scale: number): SVGElement {
    const top = Math.max(scale, ...this.values) * 1.1;
    const offset = POINTS - this.values.length;
    const points = this.values.map((value, place) => {
      const x = ((offset + place) / (POINTS - 1)) * WIDTH;
      return `${x.toFixed(1)},${(HEIGHT - 1 - (value / top) * (HEIGHT - 3)).toFixed(1)}`;
    });
    const first = points[0]?.split(",")[0] ?? "0";
    return svg(
      "svg",
      { class: "dm-spark", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, width: WIDTH, height: HEIGHT, role: "img", "aria-label": label },
      svg("path", { class: "dm-spark-ground", d: `M0,${HEIGHT - 1}H${WIDTH}` }),
      svg("path", { class: "dm-spark-area", d: `M${first},${HEIGHT} L${points.join(" L")} L${WIDTH},${HEIGHT} Z` }),
      svg("polyline", { class: "dm-spark-line", points: points.join(" ") }),
    );
  }
}

export function bytes(count: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let place = 0;
  for (; count >= 1000 && place < units.length - 1; place++) count /= 1000;
  return `${count >= 100 || place === 0 ? Math.round(count) : count.toPrecision(2)} ${units[place]}`;
}

// `1 image`, `2,011 containers`.
export function counted(count: number, what: string): string {
  return `${count.toLocaleString("en")} ${what}${count === 1 ? "" : "s"}`;
}

export function ago(seconds: number): string {
  const passed = Math.max(0, Date.now() / 1000 - seconds);
  const steps: [number, string][] = [
    [86400 * 365, "year"], [86400 * 30, "month"], [86400 * 7, "week"],
    [86400, "day"], [3600, "hour"], [60, "minute"],
  ];
  for (const [size, name] of steps) {
    const count = Math.floor(passed / size);
    if (count) return `${count} ${name}${count > 1 ? "s" : ""} ago`;
  }
  return "just now";
}

// The life of a container, with its present state lit.
export function lifeCycle(state: string): SVGElement {
  const states: [string, number, number][] = [
    ["created", 6, 22], ["running", 112, 22], ["paused", 218, 3], ["exited", 218, 41], ["removed", 324, 41],
  ];
  const arrows = [
    "M84 33h26", "M190 28L216 17", "M216 12L190 23", "M190 38L216 49", "M216 57Q150 66 150 46", "M296 52h26",
  ];
  const lit = { restarting: "running", dead: "exited", removing: "removed" }[state] ?? state;
  return svg(
    "svg",
    { class: "dm-life", viewBox: "0 0 408 68", width: 408, height: 68, role: "img", "aria-label": `Life cycle: ${state}` },
    svg(
      "defs",
      {},
      svg(
        "marker",
        { id: "dm-arrow", viewBox: "0 0 6 6", refX: 5, refY: 3, markerWidth: 5, markerHeight: 5, orient: "auto" },
        svg("path", { d: "M0 0l6 3-6 3z", class: "dm-life-head" }),
      ),
    ),
    ...arrows.map((d) => svg("path", { d, class: "dm-life-arrow", "marker-end": "url(#dm-arrow)" })),
    ...states.map(([name, x, y]) =>
      svg(
        "g",
        { class: name === lit ? `dm-life-state dm-lit dm-is-${name}` : "dm-life-state" },
        svg("rect", { x, y, width: 78, height: 22, rx: 11 }),
        svg("text", { x: x + 39, y: y + 15, "text-anchor": "middle" }, name),
      ),
    ),
  );
}
