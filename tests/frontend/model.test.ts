import { expect, test, vi } from "vitest";
import {
  type Callback,
  type Message,
  type Model,
  subscribe,
  trySend,
  viewId,
} from "../../docker_magics/widgets/src/model";

function fakeModel(): { model: Model; emit: Callback } {
  const callbacks = new Set<Callback>();
  const model = {
    on: (_event: string, callback: Callback) => callbacks.add(callback),
    off: (_event: string, callback: Callback) => callbacks.delete(callback),
  } as unknown as Model;
  const emit: Callback = (message, buffers) => {
    for (const callback of callbacks) callback(message, buffers);
  };
  return { model, emit };
}

test("trySend passes the message on", () => {
  const send = vi.fn();
  expect(trySend({ send } as unknown as Model, { kind: "ping" })).toBe(true);
  expect(send.mock.calls).toEqual([[{ kind: "ping" }]]);
});

test("trySend tells that the kernel has ended", () => {
  const send = (): void => {
    throw new Error("Comm is closed");
  };
  expect(trySend({ send } as unknown as Model, { kind: "ping" })).toBe(false);
});

test("subscribe passes messages and their buffers, and stops", () => {
  const { model, emit } = fakeModel();
  const callback = vi.fn();
  const buffers = [new DataView(new ArrayBuffer(1))];
  const unsubscribe = subscribe(model, callback);
  emit({ kind: "output" }, buffers);
  unsubscribe();
  emit({ kind: "late" }, []);
  expect(callback.mock.calls).toEqual([[{ kind: "output" }, buffers]]);
});

test("subscribe unpacks batches in order, batches in batches too", () => {
  const { model, emit } = fakeModel();
  const kinds: string[] = [];
  subscribe(model, (message) => kinds.push(message.kind));
  const batch = (...messages: Message[]): Message => ({ kind: "batch", messages });
  emit(batch({ kind: "a" }, batch({ kind: "b" }), { kind: "c" }), []);
  emit(batch(), []);
  expect(kinds).toEqual(["a", "b", "c"]);
});

test("viewId differs from view to view, with and without HTTPS", () => {
  expect(viewId()).not.toBe(viewId());
  vi.stubGlobal("crypto", {}); // as on a page without HTTPS
  expect(viewId()).not.toBe(viewId());
  vi.unstubAllGlobals();
});
