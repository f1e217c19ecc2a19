// What anywidget hands to a view.
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

// The part of ipywidgets' manager that shows one widget inside another.
export interface WidgetManager {
  get_model(id: string): Promise<unknown>;
  create_view(model: unknown): Promise<{ el: HTMLElement; remove(): void }>;
}

export interface Context {
  model: Model;
  el: HTMLElement;
}

// Undoes what a view did, when it goes.
export type Cleanup = () => void;
