// Questions: a form over the dashboard, with the command line that it stands for.
import { el } from "./dom";
import { quote } from "./lines";

export interface Field {
  name: string;
  label: string;
  value?: string;
  hint?: string;
  options?: string[];
  optional?: boolean;
}

export type Values = Record<string, string>;

export interface Question {
  title: string;
  text?: string;
  fields?: Field[];
  verbs: { label: string; line(values: Values): string; danger?: boolean }[];
}

// Asks, and runs the line of the verb that was chosen.
export function ask(root: HTMLElement, question: Question, run: (line: string) => void): void {
  const before = document.activeElement as HTMLElement | null;
  const inputs = (question.fields ?? []).map(input);
  const preview = el("code", { class: "dm-preview" });
  const title = el("h3", { id: `dm-dialog-${Math.random().toString(36).slice(2)}` }, question.title);
  const values = (): Values =>
    Object.fromEntries(inputs.map(({ field, box }) => [field.name, box.value.trim()]));
  const primary = question.verbs[question.verbs.length - 1];
  const show = (verb: Question["verbs"][number]): void => {
    preview.textContent = `docker ${verb.line(values())}`;
  };
  const close = (): void => {
    overlay.remove();
    before?.focus();
  };
  const choose = (verb: Question["verbs"][number]): void => {
    if (!form.reportValidity()) return;
    const text = verb.line(values());
    close();
    run(text);
  };
  const buttons = question.verbs.map((verb, place) =>
    el(
      "button",
      {
        type: place === question.verbs.length - 1 ? "submit" : "button",
        class: `dm-button ${verb.danger ? "dm-danger" : place === question.verbs.length - 1 ? "dm-primary" : ""}`,
        onclick: (event: Event) => {
          event.preventDefault();
          choose(verb);
        },
        onfocus: () => show(verb),
        onmouseenter: () => show(verb),
        onmouseleave: () => show(primary),
      },
      verb.label,
    ),
  );
  const cancel = el("button", { type: "button", class: "dm-button", onclick: close }, "Cancel");
  const form = el(
    "form",
    {},
    title,
    question.text && el("p", {}, question.text),
    ...inputs.map(({ label }) => label),
    preview,
    el("div", { class: "dm-buttons" }, cancel, ...buttons),
  );
  const dialog = el("div", { class: "dm-dialog", role: "dialog", "aria-modal": "true", "aria-labelledby": title.id }, form);
  const overlay = el("div", { class: "dm-overlay" }, dialog);
  form.addEventListener("input", () => show(primary));
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("keydown", (event) => {
    event.stopPropagation();
    if (event.key === "Escape") close();
    if (event.key === "Tab") keepFocus(form, event);
  });
  show(primary);
  root.append(overlay);
  (inputs[0]?.box ?? buttons[buttons.length - 1]).focus();
  inputs[0]?.box.select();
}

function input(field: Field): { field: Field; box: HTMLInputElement; label: HTMLElement } {
  const list = field.options ? `dm-list-${Math.random().toString(36).slice(2)}` : undefined;
  const box = el("input", {
    type: "text", value: field.value ?? "", placeholder: field.hint, required: !field.optional, list,
    autocomplete: "off", spellcheck: "false",
  });
  const options = field.options?.map((value) => el("option", { value })) ?? [];
  const label = el("label", {}, el("span", {}, field.label), box, list ? el("datalist", { id: list }, ...options) : null);
  return { field, box, label };
}

function keepFocus(form: HTMLElement, event: KeyboardEvent): void {
  const stops = [...form.querySelectorAll<HTMLElement>("input, button")];
  const last = stops[stops.length - 1];
  const [from, to] = event.shiftKey ? [stops[0], last] : [last, stops[0]];
  if (document.activeElement !== from) return;
  event.preventDefault();
  to.focus();
}

// `-p 80:80 -p 443:443` of "80:80 443:443".
export function each(flag: string, text: string): string {
  return text.split(/\s+/).filter(Boolean).map((word) => `${flag} ${quote(word)}`).join(" ");
}
