// An image's layers as bars.
import { el } from "./dom";
import { formatBytes } from "./format";
import type { Bar } from "./lines";
import type { Say } from "./say";

// From the base up. What later layers replace or delete is marked as wasted.
export function layers(say: Say, bars: Bar[]): HTMLElement {
  const largest = Math.max(1, ...bars.map(([, size]) => size));
  const size = bars.reduce((sum, [, size]) => sum + size, 0);
  const wasted = bars.reduce((sum, [, , wasted]) => sum + wasted, 0);
  const waste = wasted ? say("wasted: why", { size: formatBytes(wasted) }) : say("wasted: none");
  const summary = `${say("count.layers", { count: bars.length })}, ${formatBytes(size)}, ${waste}`;
  const rows = bars.map((bar) => row(say, bar, largest));
  return el(
    "div",
    {},
    el("p", { class: "dm-sub" }, summary),
    el("ol", { class: "dm-layers" }, ...rows),
  );
}

function row(say: Say, [label, size, wasted]: Bar, largest: number): HTMLElement {
  const kept = el("span", { class: "dm-bar" });
  const hidden = el("span", { class: "dm-bar dm-wasted" });
  kept.style.width = `${((size - wasted) / largest) * 100}%`;
  hidden.style.width = `${(wasted / largest) * 100}%`;
  const waste = wasted ? say("wasted", { size: formatBytes(wasted) }) : "";
  return el(
    "li",
    {},
    el("code", { title: label }, label),
    el("span", { class: "dm-barbox" }, kept, hidden),
    el("span", { class: "dm-number" }, formatBytes(size)),
    el("span", { class: "dm-number dm-waste" }, waste),
  );
}
