// What a word under the pointer means, in the sentences of `explain`.
import { pathOf } from "./compose";
import { INSTRUCTIONS } from "./dockerfile";
import { cellKind, innerStart, type Token, tokensOf } from "./tokens";

// The sentences of one language; `make bundle` collects them (tools/hover.py).
export interface Sentences {
  instructions: Record<string, string>;
  compose_keys: Record<string, string>; // by pattern: `services.*.ports`
  spellings: Record<string, string>; // `ps` -> `container ls`
  commands: Record<string, string>;
  flags: Record<string, Record<string, string>>; // by command; "" has docker's global ones
}

export interface Meaning {
  from: number;
  to: number;
  word: string;
  sentences: string[];
}

const INSTRUCTION_NAMES = new Set(INSTRUCTIONS.split(" "));

// Returns the meaning of the word at a position of a cell.
export function meaningAt(cell: string, position: number, known: Sentences): Meaning | undefined {
  const start = innerStart(cell);
  if (start) {
    const inner = meaningAt(cell.slice(start), position - start, known);
    return inner && { ...inner, from: inner.from + start, to: inner.to + start };
  }
  const tokens = tokensOf(cell);
  const token = tokens.find(({ from, to }) => from <= position && position < to);
  if (!token) return undefined;
  const word = cell.slice(token.from, token.to);
  const sentences = sentencesOf(cell, token, tokens, known);
  return sentences.length ? { from: token.from, to: token.to, word, sentences } : undefined;
}

function sentencesOf(cell: string, token: Token, tokens: Token[], known: Sentences): string[] {
  const word = cell.slice(token.from, token.to);
  if (token.kind === "property") return keySentences(cell, token, known);
  const isBody = cell.slice(0, token.from).trimStart().includes("\n");
  if (cellKind(cell) === "dockerfile" && isBody) {
    const instruction = word.toUpperCase();
    const isKeyword = token.kind === "keyword" && INSTRUCTION_NAMES.has(instruction);
    return isKeyword ? [known.instructions[instruction] ?? ""].filter(Boolean) : [];
  }
  if (token.kind !== "flag" && token.kind !== "keyword") return [];
  const [name, count] = commandOf(wordsBefore(cell, token, tokens), word, known);
  if (token.kind === "keyword") return [known.commands[name] ?? ""].filter((text) => text && count);
  return flagSentences(name, word, known);
}

// The sentence of a Compose key, by the first pattern that its path matches.
function keySentences(cell: string, { from }: Token, known: Sentences): string[] {
  const lines = cell.split("\n");
  const index = cell.slice(0, from).split("\n").length - 1;
  const first = lines.findIndex((line) => line.trim()); // the magic
  const path = pathOf(lines.slice(first + 1), index - first - 1);
  const found = Object.entries(known.compose_keys).find(([pattern]) => {
    const parts = pattern.split(".");
    const matches = (part: string, at: number): boolean => part === path[at] || part === "*";
    return parts.length === path.length && parts.every(matches);
  });
  return found ? [found[1]] : [];
}

// The command's words before a token, on its line and the lines that it continues.
function wordsBefore(cell: string, token: Token, tokens: Token[]): string[] {
  const start = lineStart(cell, token.from);
  const magic = tokens.find(({ from, kind }) => from >= start && kind === "magic");
  const verb = magic && cell.slice(magic.from, magic.to);
  const implied = { "%%dockerfile": "build", "%%compose": "compose" }[verb ?? ""];
  const words = tokens
    .filter(({ from, kind }) => from >= start && from < token.from && kind === "keyword")
    .map(({ from, to }) => cell.slice(from, to));
  return implied ? [implied, ...words] : words;
}

function lineStart(cell: string, position: number): number {
  let start = cell.lastIndexOf("\n", position - 1) + 1;
  while (start > 1 && cell[start - 2] === "\\") start = cell.lastIndexOf("\n", start - 2) + 1;
  return start;
}

// Returns the full name of the command, and of how many words it consists.
function commandOf(before: string[], word: string, known: Sentences): [string, number] {
  const words = word.startsWith("-") ? before : [...before, word];
  for (let count = words.length; count > 0; count--) {
    const spelling = words.slice(0, count).join(" ");
    const name = own(known.spellings, spelling) ?? spelling;
    if (Object.hasOwn(known.commands, name)) return [name, count];
  }
  return ["", 0];
}

// `-it` is two flags.
function flagSentences(command: string, word: string, known: Sentences): string[] {
  const flags = { ...known.flags[""], ...own(known.flags, command) };
  const names =
    Object.hasOwn(flags, word) || word.startsWith("--")
      ? [word]
      : [...word.slice(1)].map((c) => `-${c}`);
  return names.flatMap((name) => own(flags, name) ?? []);
}

function own<T>(record: Record<string, T>, key: string): T | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}
