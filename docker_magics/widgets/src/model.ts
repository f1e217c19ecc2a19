// The interface that anywidget passes to a view, and how views exchange messages with the kernel.
export interface Model {
  readonly model_id?: string;
  readonly widget_manager: WidgetManager;
  get<T = unknown>(name: string): T;
  send(content: object): void;
  on(event: "msg:custom", callback: Callback): void;
  on(event: string, callback: () => void): void;
  off(event: "msg:custom", callback: Callback): void;
  off(event: string, callback: () => void): void;
}

export type Callback = (message: Message, buffers: DataView[]) => void;

export interface Message {
  kind: string;
  [field: string]: unknown;
}

// The part of ipywidgets' manager that embeds one widget in another.
export interface WidgetManager {
  get_model(id: string): Promise<unknown>;
  create_view(model: unknown): Promise<{ el: HTMLElement; remove(): void }>;
}

export interface Context {
  model: Model;
  el: HTMLElement;
}

// Undoes what a view set up.
export type Cleanup = () => void;

// A kernel that sends nothing for this long is busy or has ended. Views ping it more often.
export const PING_MS = 4000;
export const SILENCE_MS = 12_000;

// Sends a message; returns whether the kernel can still receive one.
export function trySend(model: Model, message: Message): boolean {
  try {
    model.send(message);
    return true;
  } catch {
    return false; // the comm closes with the kernel
  }
}

// Calls back for each message from the kernel, in order; a batch counts as its messages.
export function subscribe(model: Model, callback: Callback): Cleanup {
  const receive: Callback = (message, buffers) => {
    if (message.kind !== "batch") return callback(message, buffers);
    for (const part of message.messages as Message[]) receive(part, []);
  };
  model.on("msg:custom", receive);
  return () => model.off("msg:custom", receive);
}

// Returns an id that distinguishes this view from those in other tabs.
export function viewId(): string {
  return globalThis.crypto?.randomUUID?.() ?? String(Math.random()); // randomUUID needs HTTPS
}
