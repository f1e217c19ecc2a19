// The notebook's theme as xterm.js takes it, and word of its changes.
import type { ITheme } from "@xterm/xterm";
import type { Cleanup } from "./model";

// Sixteen colours that read well on the theme's ground (contrast 4.5 and more, save black and white).
const LIGHT = [
  "#2e3436", "#b81c1c", "#26741f", "#8a5a00", "#1f5fbf", "#8338a8", "#0b7285", "#6b7176",
  "#50565a", "#c92a2a", "#2b7d23", "#946300", "#2f6fd0", "#9247b8", "#0c7d92", "#3b4144",
];
const DARK = [
  "#5c6370", "#ff7b72", "#7ee787", "#e3b341", "#79b8ff", "#d2a8ff", "#56d4dd", "#d0d7de",
  "#8b949e", "#ffa198", "#a5f0ab", "#f2cc60", "#a5d0ff", "#e2c5ff", "#8be3ea", "#f5f7f9",
];
const NAMES = [
  "black", "red", "green", "yellow", "blue", "magenta", "cyan", "white",
  "brightBlack", "brightRed", "brightGreen", "brightYellow",
  "brightBlue", "brightMagenta", "brightCyan", "brightWhite",
] as const;

export function isDark(): boolean {
  const said = document.body.dataset.jpThemeLight;
  if (said) return said === "false";
  const ground = getComputedStyle(document.body).backgroundColor.match(/[\d.]+/g)?.map(Number);
  if (!ground || ground[3] === 0) return matchMedia("(prefers-color-scheme: dark)").matches;
  return ground[0] * 0.3 + ground[1] * 0.59 + ground[2] * 0.11 < 128;
}

export function terminalTheme(host: HTMLElement): ITheme {
  const dark = isDark();
  const style = getComputedStyle(host);
  const palette = dark ? DARK : LIGHT;
  return {
    ...Object.fromEntries(NAMES.map((name, place) => [name, palette[place]])),
    background: style.backgroundColor,
    foreground: style.color,
    cursor: style.color,
    cursorAccent: style.backgroundColor,
    selectionBackground: dark ? "#3b5a80" : "#b9d6f6",
  };
}

// Calls back when the theme changes: Jupyter swaps a style sheet and then this attribute.
export function onTheme(callback: () => void): Cleanup {
  const observer = new MutationObserver(() => setTimeout(callback, 50));
  observer.observe(document.body, {
    attributes: true,
    attributeFilter: ["data-jp-theme-light", "data-jp-theme-name", "class"],
  });
  return () => observer.disconnect();
}
