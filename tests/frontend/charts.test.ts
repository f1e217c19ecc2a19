// @vitest-environment jsdom
import { describe, expect, test } from "vitest";
import { lifeCycle, Series } from "../../docker_magics/widgets/src/charts";
import { speaker } from "../../docker_magics/widgets/src/say";

const say = speaker("en");

function series(...values: number[]): Series {
  const series = new Series();
  for (const value of values) series.add(value);
  return series;
}

function points(chart: SVGElement): [x: number, y: number][] {
  const text = chart.querySelector("polyline")?.getAttribute("points") ?? "";
  return text
    .split(" ")
    .filter(Boolean)
    .map((point) => point.split(",").map(Number) as [number, number]);
}

describe("Series", () => {
  test("knows its last value", () => {
    expect(series().last).toBeUndefined();
    expect(series(3, 1).last).toBe(1);
  });

  test("draws higher values higher, the newest one at the right edge", () => {
    const chart = points(series(0, 10, 5).draw("CPU", 5));
    const [low, high, middle] = chart.map(([, y]) => y);
    expect(high).toBeLessThan(middle as number);
    expect(middle).toBeLessThan(low as number);
    expect(chart.at(-1)?.[0]).toBe(72);
  });

  test("keeps the last 30 values", () => {
    const old = series(1000, ...Array<number>(30).fill(1)).draw("CPU", 5);
    expect(points(old)).toEqual(points(series(...Array<number>(30).fill(1)).draw("CPU", 5)));
    expect(points(old)).toHaveLength(30);
  });

  test("stays inside its picture, from zero to far above its scale", () => {
    for (const [x, y] of points(series(0, 5, 1e12).draw("Memory", 5))) {
      expect(x).toBeGreaterThanOrEqual(0);
      expect(x).toBeLessThanOrEqual(72);
      expect(y).toBeGreaterThanOrEqual(0);
      expect(y).toBeLessThanOrEqual(20);
    }
  });

  test("draws noise near zero low", () => {
    const [[, y]] = points(series(0.1).draw("CPU", 5)) as [[number, number]];
    expect(y).toBeGreaterThan(18);
  });

  test.each([0, 1, 30])("has valid paths with %i values", (count) => {
    const chart = series(...Array<number>(count).fill(2)).draw("CPU", 5);
    const area = chart.querySelector(".dm-spark-area")?.getAttribute("d");
    expect(area).toMatch(/^M[\d.]+,[\d.]+( L[\d.]+,[\d.]+)+ Z$/);
  });

  test("has its label as its accessible name, without markup", () => {
    const chart = series(1).draw(`"><script>`, 5);
    expect(chart.getAttribute("role")).toBe("img");
    expect(chart.getAttribute("aria-label")).toBe(`"><script>`);
    expect(chart.querySelector("script")).toBeNull();
  });
});

describe("lifeCycle", () => {
  test.each([
    ["created", "created"],
    ["running", "running"],
    ["restarting", "running"],
    ["paused", "paused"],
    ["exited", "exited"],
    ["dead", "exited"],
    ["removing", "removed"],
    ["removed", "removed"],
  ])("in state %s highlights %s", (state, name) => {
    const chart = lifeCycle(say, state);
    expect([...chart.querySelectorAll(".dm-current text")].map((text) => text.textContent)).toEqual(
      [name],
    );
    expect(chart.getAttribute("aria-label")).toBe(`Life cycle: ${state}`);
  });

  test.each(["", "unknown", "constructor", "<b>"])(
    "in the unknown state %j highlights nothing",
    (state) => {
      expect(lifeCycle(say, state).querySelector(".dm-current, b")).toBeNull();
    },
  );
});
