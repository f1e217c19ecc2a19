// The bundle's entries: one a widget, by the name in its trait `_part`.
export { render as console } from "./console";
export { render as dashboard } from "./dashboard";
