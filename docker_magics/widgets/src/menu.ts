// A pop-up menu under a button, by the ARIA menu button pattern.
import { el } from "./dom";

export interface MenuItem {
  label: string; // its accessible name is more specific
  name: string;
  danger: boolean;
  act(): void;
}

const GAP = 2; // between the button and the menu, in pixels
const MARGIN = 4; // to the edge of the window

export class Menu {
  private menu: HTMLElement | null = null;
  private button: HTMLElement | null = null;

  // Opens the menu of a button, or closes it if it is open.
  toggle(button: HTMLElement, label: string, items: MenuItem[]): void {
    const wasOpen = this.button === button;
    this.close();
    if (!wasOpen) this.open(button, label, items);
  }

  private open(button: HTMLElement, label: string, items: MenuItem[]): void {
    const buttons = items.map((item) => this.item(item));
    // A popover is in the top layer: the scrolling table around it does not clip it.
    const attributes = { role: "menu", popover: "manual", "aria-label": label };
    const menu = el("div", { class: "dm-menu", ...attributes }, ...buttons);
    button.after(menu);
    menu.showPopover?.();
    place(menu, button);
    button.setAttribute("aria-expanded", "true");
    menu.addEventListener("keydown", (event) => this.onKey(event, buttons));
    this.menu = menu;
    this.button = button;
    document.addEventListener("click", this.onOutside, true);
    document.addEventListener("scroll", this.onOutside, true);
    buttons[0]?.focus({ preventScroll: true });
  }

  private item({ label, name, danger, act }: MenuItem): HTMLElement {
    return el(
      "button",
      {
        type: "button",
        class: danger ? "dm-item dm-item-danger" : "dm-item",
        role: "menuitem",
        tabindex: -1,
        "aria-label": name,
        onclick: () => {
          this.close();
          act();
        },
      },
      label,
    );
  }

  private onKey(event: KeyboardEvent, items: HTMLElement[]): void {
    const current = items.indexOf(document.activeElement as HTMLElement);
    const target = {
      Tab: this.button, // from where the browser moves on
      Escape: this.button,
      ArrowDown: items.at((current + 1) % items.length),
      ArrowUp: items.at(current - 1),
      Home: items.at(0),
      End: items.at(-1),
    }[event.key];
    if (!target) return;
    if (target === this.button) this.close();
    target.focus();
    if (event.key !== "Tab") event.preventDefault();
    event.stopPropagation();
  }

  private readonly onOutside = (event: Event): void => {
    const target = event.target as Node;
    if (!this.button?.contains(target) && !this.menu?.contains(target)) this.close();
  };

  close(): void {
    document.removeEventListener("click", this.onOutside, true);
    document.removeEventListener("scroll", this.onOutside, true);
    this.menu?.remove();
    this.button?.setAttribute("aria-expanded", "false");
    this.menu = this.button = null;
  }
}

// Places the menu under its button, or above it near the bottom of the window.
function place(menu: HTMLElement, button: HTMLElement): void {
  const { top, right, bottom } = button.getBoundingClientRect();
  const fitsBelow = bottom + GAP + menu.offsetHeight + GAP < window.innerHeight;
  const y = fitsBelow ? bottom + GAP : top - GAP - menu.offsetHeight;
  menu.style.top = `${Math.max(MARGIN, y)}px`;
  menu.style.left = `${Math.max(MARGIN, right - menu.offsetWidth)}px`;
}
