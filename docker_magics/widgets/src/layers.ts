// An image's layers as bars.
import { el } from "./dom";
import { formatBytes, pluralize } from "./format";
import type { Bar } from "./lines";

// From the base up. What later layers replace or delete is marked as wasted.
export function layers(bars: Bar[]): HTMLElement {
  const largest = Math.max(1, ...bars.map(([, size]) => size));
  const size = bars.reduce((sum, [, size]) => sum + size, 0);
  const wasted = bars.reduce((sum, [, , wasted]) => sum + wasted, 0);
  const waste = wasted
    ? `${formatBytes(wasted)} wasted: later layers replace or delete it`
    : "nothing wasted";
  const summary = `${pluralize(bars.length, "layer")}, ${formatBytes(size)}, ${waste}`;
  const rows = bars.map((bar) => row(bar, largest));
  return el(
    "div",
    {},
    el("p", { class: "dm-sub" }, summary),
    el("ol", { class: "dm-layers" }, ...rows),
  );
}

function row([label, size, wasted]: Bar, largest: number): HTMLElement {
  const kept = el("span", { class: "dm-bar" });
  const hidden = el("span", { class: "dm-bar dm-wasted" });
  kept.style.width = `${((size - wasted) / largest) * 100}%`;
  hidden.style.width = `${(wasted / largest) * 100}%`;
  const waste = wasted ? `${formatBytes(wasted)} wasted` : "";
  return el(
    "li",
    {},
    el("code", { title: label }, label),
    el("span", { class: "dm-barbox" }, kept, hidden),
    el("span", { class: "dm-number" }, formatBytes(size)),
    el("span", { class: "dm-number dm-waste" }, waste),
  );
}
