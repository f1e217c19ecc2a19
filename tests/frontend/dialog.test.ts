// @vitest-environment jsdom
import { beforeEach, expect, test, vi } from "vitest";
import { ask, type Question } from "../../docker_magics/widgets/src/dialog";
import { line } from "../../docker_magics/widgets/src/lines";
import { speaker } from "../../docker_magics/widgets/src/say";

const RENAME: Question = {
  title: "Rename <b>web</b>",
  fields: [{ name: "name", label: "New name", value: "web" }],
  verbs: [{ label: "Rename", line: ({ name = "" }) => line("rename", "web", name) }],
};

const run = vi.fn();
const query = <T extends HTMLElement>(selector: string): T => document.querySelector(selector) as T;

beforeEach(() => {
  run.mockReset();
  document.body.innerHTML = "<button id='before'></button><main></main>";
  query("#before").focus();
  ask(speaker("en"), query("main"), RENAME, run);
});

function type(text: string): void {
  query<HTMLInputElement>("input").value = text;
  query("input").dispatchEvent(new Event("input", { bubbles: true }));
}

function press(key: string, shiftKey = false): void {
  const event = new KeyboardEvent("keydown", { key, shiftKey, bubbles: true, cancelable: true });
  document.activeElement?.dispatchEvent(event);
}

test("has a name, and the focus", () => {
  const title = document.getElementById(
    query("[role=dialog]").getAttribute("aria-labelledby") ?? "",
  );
  expect(title?.textContent).toBe("Rename <b>web</b>");
  expect(title?.querySelector("b")).toBeNull();
  expect(document.activeElement).toBe(query("input"));
});

test("previews the line, and runs what it shows", () => {
  type(" a b ");
  expect(query(".dm-preview").textContent).toBe("docker rename web 'a b'");
  query("[type=submit]").click();
  expect(run.mock.calls).toEqual([["rename web 'a b'"]]);
  expect(document.querySelector("[role=dialog]")).toBeNull();
  expect(document.activeElement).toBe(query("#before"));
});

test("does not run with an empty required field", () => {
  type("");
  query("[type=submit]").click();
  expect(run).not.toHaveBeenCalled();
  expect(document.querySelector("[role=dialog]")).not.toBeNull();
});

test("Escape closes it, runs nothing and returns the focus", () => {
  press("Escape");
  expect(document.querySelector("[role=dialog]")).toBeNull();
  expect(run).not.toHaveBeenCalled();
  expect(document.activeElement).toBe(query("#before"));
});

test("Tab stays inside", () => {
  query("[type=submit]").focus();
  press("Tab");
  expect(document.activeElement).toBe(query("input"));
  press("Tab", true);
  expect(document.activeElement).toBe(query("[type=submit]"));
});
