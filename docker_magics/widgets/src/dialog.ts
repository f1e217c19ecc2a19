// Modal forms over the dashboard that preview the command line they run.
import { el } from "./dom";
import type { Say } from "./say";

export interface Field {
  name: string;
  label: string;
  value?: string;
  hint?: string;
  options?: string[];
  optional?: boolean;
}

export type Values = Record<string, string>;

export interface Verb {
  label: string;
  line(values: Values): string;
  danger?: boolean;
}

export interface Question {
  title: string;
  text?: string | undefined;
  fields?: Field[];
  verbs: [...Verb[], Verb]; // the last one is the default
}

// Asks a question, and calls `run` with the command line of the chosen verb.
export function ask(
  say: Say,
  root: HTMLElement,
  question: Question,
  run: (line: string) => void,
): void {
  new Dialog(say, question, run).open(root);
}

class Dialog {
  private readonly inputs: Input[];
  private readonly buttons: HTMLElement[];
  private readonly preview = el("code", { class: "dm-preview" });
  private readonly form: HTMLFormElement;
  private readonly overlay = el("div", { class: "dm-overlay" });
  private readonly previousFocus = document.activeElement as HTMLElement | null;
  private readonly primary: Verb;

  constructor(
    private readonly say: Say,
    private readonly question: Question,
    private readonly run: (line: string) => void,
  ) {
    this.primary = question.verbs.at(-1) as Verb;
    this.inputs = (question.fields ?? []).map(makeInput);
    this.buttons = question.verbs.map((verb) => this.button(verb));
    this.form = this.makeForm();
  }

  open(root: HTMLElement): void {
    this.show(this.primary);
    root.append(this.overlay);
    const [first] = this.inputs;
    (first?.box ?? this.buttons.at(-1))?.focus();
    first?.box.select();
  }

  private makeForm(): HTMLFormElement {
    const { title, text } = this.question;
    const heading = el("h3", { id: uniqueId() }, title);
    const cancel = { type: "button", class: "dm-button", onclick: () => this.close() };
    const form = el(
      "form",
      {},
      heading,
      text && el("p", {}, text),
      ...this.inputs.map(({ label }) => label),
      this.preview,
      el("div", { class: "dm-buttons" }, el("button", cancel, this.say("cancel")), ...this.buttons),
    );
    form.addEventListener("input", () => this.show(this.primary));
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("keydown", (event) => this.onKey(event));
    const attributes = { role: "dialog", "aria-modal": "true", "aria-labelledby": heading.id };
    this.overlay.append(el("div", { class: "dm-dialog", ...attributes }, form));
    return form;
  }

  private button(verb: Verb): HTMLElement {
    const isPrimary = verb === this.primary;
    const look = verb.danger ? "dm-danger" : isPrimary ? "dm-primary" : "";
    return el(
      "button",
      {
        type: isPrimary ? "submit" : "button",
        class: `dm-button ${look}`,
        onclick: (event: Event) => {
          event.preventDefault();
          this.choose(verb);
        },
        onfocus: () => this.show(verb),
        onmouseenter: () => this.show(verb),
        onmouseleave: () => this.show(this.primary),
      },
      verb.label,
    );
  }

  private values(): Values {
    return Object.fromEntries(this.inputs.map(({ name, box }) => [name, box.value.trim()]));
  }

  private show(verb: Verb): void {
    this.preview.textContent = `docker ${verb.line(this.values())}`;
  }

  private choose(verb: Verb): void {
    if (!this.form.reportValidity()) return;
    const text = verb.line(this.values());
    this.close();
    this.run(text);
  }

  private close(): void {
    this.overlay.remove();
    this.previousFocus?.focus();
  }

  private onKey(event: KeyboardEvent): void {
    event.stopPropagation();
    if (event.key === "Escape") this.close();
    if (event.key === "Tab") trapFocus(this.form, event);
  }
}

interface Input {
  name: string;
  box: HTMLInputElement;
  label: HTMLElement;
}

function makeInput(field: Field): Input {
  const list = field.options && uniqueId();
  const box = el("input", {
    type: "text",
    value: field.value ?? "",
    placeholder: field.hint,
    required: !field.optional,
    list,
    autocomplete: "off",
    spellcheck: "false",
  });
  const options = field.options?.map((value) => el("option", { value })) ?? [];
  const datalist = list && el("datalist", { id: list }, ...options);
  return {
    name: field.name,
    box,
    label: el("label", {}, el("span", {}, field.label), box, datalist),
  };
}

// Moves the focus from the last control to the first one, and back.
function trapFocus(form: HTMLElement, event: KeyboardEvent): void {
  const controls = [...form.querySelectorAll<HTMLElement>("input, button")];
  const [first, last] = [controls.at(0), controls.at(-1)];
  const [from, to] = event.shiftKey ? [first, last] : [last, first];
  if (document.activeElement !== from) return;
  event.preventDefault();
  to?.focus();
}

function uniqueId(): string {
  return `dm-${Math.random().toString(36).slice(2)}`;
}
