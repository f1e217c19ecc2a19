// Line icons of 16 by 16 pixels.
import { svg } from "./dom";

const PATHS: Record<string, string> = {
  start: "M5 3.2v9.6L12.5 8z",
  stop: "M4 4h8v8H4z",
  logs: "M3 4h10M3 8h10M3 12h6",
  exec: "M3 5l3.2 3L3 11M8.5 11.5H13",
  more: "M3.5 8h.01M8 8h.01M12.5 8h.01",
  copy: "M6 6h7v7H6zM10 6V3H3v7h3",
  close: "M4 4l8 8M12 4l-8 8",
  run: "M5 3.2v9.6L12.5 8z",
  history: "M3 4.5h10M3 8h10M3 11.5h10M5 3v3M9 6.5v3M7 10v3",
  remove: "M3.5 4.5h9M6.5 4.5V3h3v1.5M5 4.5l.5 8.5h5l.5-8.5",
  inspect: "M7 3a4 4 0 1 0 .01 0M10 10l3 3",
  download: "M8 3v7M5 7.5L8 10.5l3-3M3.5 13h9",
};

export function icon(name: string): SVGElement {
  return svg(
    "svg",
    {
      class: `dm-icon dm-icon-${name}`,
      viewBox: "0 0 16 16",
      width: 16,
      height: 16,
      "aria-hidden": "true",
    },
    svg("path", { d: PATHS[name] ?? "" }),
  );
}
