// @vitest-environment jsdom
import { expect, test, vi } from "vitest";
import type { Model } from "../../docker_magics/widgets/src/model";
import { render, withCode } from "../../docker_magics/widgets/src/task";

function shown(values: Record<string, unknown>) {
  const callbacks = new Set<() => void>();
  const send = vi.fn();
  const model = {
    get: (name: string) => values[name],
    send,
    on: (_: string, callback: () => void) => callbacks.add(callback),
    off: (_: string, callback: () => void) => callbacks.delete(callback),
  } as unknown as Model;
  const host = document.createElement("div");
  document.body.replaceChildren(host);
  const cleanup = render({ model, el: host });
  const change = (changed: Record<string, unknown>) => {
    Object.assign(values, changed);
    for (const callback of callbacks) callback();
  };
  return { host, send, change, cleanup, callbacks };
}

const OPEN = { done: false, text: "no `web`", button: "Reset", is_busy: false };

test("shows what is missing, then that it is done, in a live region", () => {
  const { host, change } = shown({ ...OPEN });
  const state = host.querySelector("[role=status]");
  expect(state?.getAttribute("aria-live")).toBe("polite");
  expect(state?.textContent).toBe("no web");
  expect(host.querySelector("code")?.textContent).toBe("web");
  expect(host.querySelector(".dm-done")).toBeNull();
  change({ done: true, text: "done" });
  expect(state?.textContent).toBe("done");
  expect(host.querySelector(".dm-done .dm-mark")?.textContent).toBe("✔");
});

test("a text that stays is not written again: screen readers would announce it", () => {
  const { host, change } = shown({ ...OPEN });
  const code = host.querySelector("code");
  change({ is_busy: true });
  expect(host.querySelector("code")).toBe(code);
});

test("the button sends one message, and waits while its action runs", () => {
  const { host, send, change } = shown({ ...OPEN });
  const button = host.querySelector("button");
  button?.click();
  expect(send).toHaveBeenCalledExactlyOnceWith({ kind: "press" });
  change({ is_busy: true });
  button?.click();
  expect(send).toHaveBeenCalledTimes(1);
});

test("a view that is removed listens no longer", () => {
  const { cleanup, callbacks } = shown({ ...OPEN });
  cleanup();
  expect(callbacks.size).toBe(0);
});

test("text is never markup", () => {
  const { host } = shown({ ...OPEN, text: "<img src=x> `<b>`" });
  expect(host.querySelector("img, b")).toBeNull();
  expect(withCode("a")).toEqual(["a"]);
});
