// Small SVG charts.
import { svg } from "./dom";
import type { Say } from "./say";

const POINTS = 30;
const WIDTH = 72;
const HEIGHT = 20;

// The latest values of a measurement, drawn as a sparkline.
export class Series {
  private readonly values: number[] = [];

  add(value: number): void {
    this.values.push(value);
    if (this.values.length > POINTS) this.values.shift();
  }

  get last(): number | undefined {
    return this.values[this.values.length - 1];
  }

  // The vertical axis ends at `scale` or above, so that noise near zero looks small.
  draw(label: string, scale: number): SVGElement {
    const top = Math.max(scale, ...this.values) * 1.1;
    const offset = POINTS - this.values.length;
    const points = this.values.map((value, index) => {
      const x = ((offset + index) / (POINTS - 1)) * WIDTH;
      return `${x.toFixed(1)},${(HEIGHT - 1 - (value / top) * (HEIGHT - 3)).toFixed(1)}`;
    });
    const left = (offset / (POINTS - 1)) * WIDTH;
    return svg(
      "svg",
      {
        class: "dm-spark",
        viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
        width: WIDTH,
        height: HEIGHT,
        role: "img",
        "aria-label": label,
      },
      svg("path", { class: "dm-spark-ground", d: `M0,${HEIGHT - 1}H${WIDTH}` }),
      svg("path", {
        class: "dm-spark-area",
        d: `M${[`${left.toFixed(1)},${HEIGHT}`, ...points, `${WIDTH},${HEIGHT}`].join(" L")} Z`,
      }),
      svg("polyline", { class: "dm-spark-line", points: points.join(" ") }),
    );
  }
}

// The life cycle of a container, with its current state highlighted.
export function lifeCycle(say: Say, state: string): SVGElement {
  const states: [string, number, number][] = [
    ["created", 6, 22],
    ["running", 112, 22],
    ["paused", 218, 3],
    ["exited", 218, 41],
    ["removed", 324, 41],
  ];
  const arrows = [
    "M84 33h26",
    "M190 28L216 17",
    "M216 12L190 23",
    "M190 38L216 49",
    "M216 57Q150 66 150 46",
    "M296 52h26",
  ];
  // Docker's states keep their names; "removed" is ours.
  const nameOf = (name: string): string => (name === "removed" ? say(name) : name);
  const current = { restarting: "running", dead: "exited", removing: "removed" }[state] ?? state;
  return svg(
    "svg",
    {
      class: "dm-life",
      viewBox: "0 0 408 68",
      width: 408,
      height: 68,
      role: "img",
      "aria-label": say("life cycle", { state: nameOf(state) }),
    },
    svg(
      "defs",
      {},
      svg(
        "marker",
        {
          id: "dm-arrow",
          viewBox: "0 0 6 6",
          refX: 5,
          refY: 3,
          markerWidth: 5,
          markerHeight: 5,
          orient: "auto",
        },
        svg("path", { d: "M0 0l6 3-6 3z", class: "dm-life-head" }),
      ),
    ),
    ...arrows.map((d) =>
      svg("path", { d, class: "dm-life-arrow", "marker-end": "url(#dm-arrow)" }),
    ),
    ...states.map(([name, x, y]) =>
      svg(
        "g",
        { class: name === current ? `dm-life-state dm-current dm-is-${name}` : "dm-life-state" },
        svg("rect", { x, y, width: 78, height: 22, rx: 11 }),
        svg("text", { x: x + 39, y: y + 15, "text-anchor": "middle" }, nameOf(name)),
      ),
    ),
  );
}
