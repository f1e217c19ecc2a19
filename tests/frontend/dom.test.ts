// @vitest-environment jsdom
import { expect, test } from "vitest";
import { addStyle } from "../../docker_magics/widgets/src/dom";

function sheets(root: ParentNode): string[] {
  return [...root.querySelectorAll("style")].map((style) => style.textContent ?? "");
}

test("a style sheet is added to the page once", () => {
  const widget = document.createElement("div");
  document.body.append(widget);
  addStyle(widget, "one", "a {}");
  addStyle(widget, "one", "a {}");
  expect(sheets(document)).toEqual(["a {}"]);
});

test("a widget in a shadow root gets its own style sheet", () => {
  const host = document.createElement("div");
  document.body.append(host);
  const shadow = host.attachShadow({ mode: "open" });
  const widget = document.createElement("div");
  shadow.append(widget);
  addStyle(widget, "two", "b {}");
  expect(sheets(shadow)).toEqual(["b {}"]);
  expect(sheets(document)).not.toContain("b {}");
});
