// A task that ticks itself: a mark, one line that says what is missing, and a button to begin again.
import { addStyle, el } from "./dom";
import { type Cleanup, type Context, trySend } from "./model";
import style from "./task.css";

export function render({ model, el: host }: Context): Cleanup {
  addStyle(host, "docker-magics-task", style);
  const mark = el("span", { class: "dm-mark", "aria-hidden": "true" });
  const text = el("span", { class: "dm-state", role: "status", "aria-live": "polite" });
  const press = () => trySend(model, { kind: "press" });
  const button = el("button", { type: "button", onclick: press }, model.get<string>("button"));
  const lang = model.get<string>("language");
  const box = el("div", { class: "dm-task", lang }, mark, text, button);

  function update() {
    const done = model.get<boolean>("done");
    box.classList.toggle("dm-done", done);
    mark.textContent = done ? "✔" : "○";
    button.disabled = model.get<boolean>("is_busy");
    const line = model.get<string>("text");
    if (text.dataset.line === line) return; // screen readers announce each change
    text.dataset.line = line;
    text.replaceChildren(...withCode(line));
  }

  model.on("change", update);
  update();
  host.append(box);
  return () => {
    model.off("change", update);
    box.remove();
  };
}

// Splits a text into nodes: what is in `backticks` is code.
export function withCode(line: string): (string | HTMLElement)[] {
  return line.split("`").map((piece, index) => (index % 2 ? el("code", {}, piece) : piece));
}
