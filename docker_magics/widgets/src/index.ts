// The entry points of the bundle: each widget's `render`, by the name in its trait `_part`.
export { render as console } from "./console";
export { render as dashboard } from "./dashboard";
export { render as task } from "./task";
