// The notebook's theme as an xterm.js theme, and notification of its changes.
import type { ITheme } from "@xterm/xterm";
import type { Cleanup } from "./model";

const NAMES = (
  "black red green yellow blue magenta cyan white " +
  "brightBlack brightRed brightGreen brightYellow brightBlue brightMagenta brightCyan brightWhite"
).split(" ");
// The ANSI colors, with a contrast of at least 4.5 on the theme's background (except black and white).
const LIGHT = (
  "#2e3436 #b81c1c #26741f #8a5a00 #1f5fbf #8338a8 #0b7285 #6b7176 " +
  "#50565a #c92a2a #2b7d23 #946300 #2f6fd0 #9247b8 #0c7d92 #3b4144"
).split(" ");
const DARK = (
  "#5c6370 #ff7b72 #7ee787 #e3b341 #79b8ff #d2a8ff #56d4dd #d0d7de " +
  "#8b949e #ffa198 #a5f0ab #f2cc60 #a5d0ff #e2c5ff #8be3ea #f5f7f9"
).split(" ");
const STYLE_SHEET_MS = 50;

export function isDark(): boolean {
  const isLight = document.body.dataset.jpThemeLight;
  if (isLight) return isLight === "false";
  const color = getComputedStyle(document.body).backgroundColor;
  return isDarkColor(color) ?? matchMedia("(prefers-color-scheme: dark)").matches;
}

// Whether a computed color (`rgb(r, g, b)`, `rgba(r, g, b, a)`) is dark; undefined if transparent.
export function isDarkColor(color: string): boolean | undefined {
  const [red, green, blue, alpha] = color.match(/[\d.]+/g)?.map(Number) ?? [];
  if (red === undefined || green === undefined || blue === undefined || alpha === 0)
    return undefined;
  return red * 0.3 + green * 0.59 + blue * 0.11 < 128;
}

export function terminalTheme(host: HTMLElement): ITheme {
  const dark = isDark();
  const style = getComputedStyle(host);
  const palette = dark ? DARK : LIGHT;
  return {
    ...Object.fromEntries(NAMES.map((name, index) => [name, palette[index]])),
    background: style.backgroundColor,
    foreground: style.color,
    cursor: style.color,
    cursorAccent: style.backgroundColor,
    selectionBackground: dark ? "#3b5a80" : "#b9d6f6",
  };
}

// Calls back when the theme changes. Jupyter sets these attributes just before its style sheet applies.
export function onTheme(callback: () => void): Cleanup {
  const observer = new MutationObserver(() => setTimeout(callback, STYLE_SHEET_MS));
  observer.observe(document.body, {
    attributes: true,
    attributeFilter: ["data-jp-theme-light", "data-jp-theme-name", "class"],
  });
  return () => observer.disconnect();
}
