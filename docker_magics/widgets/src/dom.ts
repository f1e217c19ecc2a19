// Creates elements from plain values: strings become text nodes, never markup.
type Child = Node | string | null | false | undefined;
type Attributes = Record<
  string,
  string | number | boolean | null | undefined | ((event: never) => void)
>;

const FOCUSABLE = new Set<string>(["button", "a", "input", "select"]);

// el("button", { class: "quiet", onclick: stop, "aria-label": "Stop web" }, "Stop")
export function el<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const node = document.createElement(tag);
  // Keeps the notebook's shortcuts (arrows, d d) away from the element that has the focus.
  const isFocusable = FOCUSABLE.has(tag) || "tabindex" in attributes;
  if (isFocusable) node.setAttribute("data-lm-suppress-shortcuts", "true");
  set(node, attributes);
  node.append(...children.filter((child): child is Node | string => Boolean(child)));
  return node;
}

const SVG = "http://www.w3.org/2000/svg";

export function svg(tag: string, attributes: Attributes = {}, ...children: Child[]): SVGElement {
  const node = document.createElementNS(SVG, tag);
  set(node, attributes);
  node.append(...children.filter((child): child is Node | string => Boolean(child)));
  return node;
}

function set(node: Element, attributes: Attributes): void {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") {
      node.addEventListener(name.slice(2), value as (event: Event) => void);
    } else if (name.startsWith("aria-") || typeof value !== "boolean") {
      if (value !== null && value !== undefined) node.setAttribute(name, String(value));
    } else {
      node.toggleAttribute(name, value);
    }
  }
}

// Writes text only if it differs: screen readers announce each write to a live region.
export function setText(node: Element, text: string): void {
  if (node.textContent !== text) node.textContent = text;
}

// Adds a style sheet for a widget, once: to its shadow root, as marimo has, or to the page.
export function addStyle(widget: Element, id: string, text: string): void {
  const root = widget.getRootNode();
  const parent = root instanceof ShadowRoot ? root : document.head;
  if (!parent.querySelector(`#${id}`)) parent.append(el("style", { id }, text));
}

// Falls back to execCommand: navigator.clipboard exists only on HTTPS pages and localhost.
export async function copy(text: string): Promise<void> {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const focused = document.activeElement as HTMLElement | null;
  const box = el("textarea", { "aria-hidden": "true" });
  box.style.cssText = "position: fixed; opacity: 0";
  box.value = text;
  document.body.append(box);
  box.select();
  document.execCommand("copy");
  box.remove();
  focused?.focus();
}
