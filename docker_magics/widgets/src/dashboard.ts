import type { Cleanup, Context } from "./model";

export function render({ el }: Context): Cleanup {
  el.textContent = "";
  return () => undefined;
}
