// The texts of the page in the session's language; Docker's own words are not translated.
import texts from "./texts.json";

export type TextKey = keyof typeof texts;
export type Values = Record<string, string | number>;

// Returns a text with its {values} inserted.
export type Say = (key: TextKey, values?: Values) => string;

// Returns `say` of a language: "ko", or English for any other.
export function speaker(language: string): Say {
  return (key, values = {}) => {
    const text: { en: string; ko: string; one?: string } = texts[key];
    const english = values.count === 1 ? (text.one ?? text.en) : text.en;
    const template = language === "ko" ? text.ko : english;
    return template.replace(/\{(\w+)\}/g, (_, name: string) => format(values[name] ?? ""));
  };
}

function format(value: string | number): string {
  return typeof value === "number" ? value.toLocaleString("en") : value;
}

// Names what a button does to an object: `Stop web`.
export function verbOf(say: Say, verb: TextKey, name: string): string {
  return say("verb of", { verb: say(verb), name });
}
