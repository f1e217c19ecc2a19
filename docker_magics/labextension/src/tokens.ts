// The words of docker cells and lines, with the kinds by which editors color them.
import { composeTokens } from "./compose";
import { dockerfileTokens } from "./dockerfile";

export type Kind =
  | "plain"
  | "magic"
  | "keyword"
  | "flag"
  | "string"
  | "number"
  | "comment"
  | "variable"
  | "operator"
  | "property";

// A part of a text; positions count UTF-16 units from its start.
export interface Token {
  from: number;
  to: number;
  kind: Kind;
}

export type CellKind = "dockerfile" | "compose" | "script" | "input" | "python";

// A kind for each match of a pattern, the first that matches at a place.
export type Rule = [pattern: RegExp, kind: Kind];

const VARIABLE = /\$\{[^}\s]*\}|\$[A-Za-z_]\w*|\{(?!\{)[^{}]+\}/;
const STRING = /"(?:[^"\\]|\\.)*"?|'[^']*'?/;
const WORDS: Rule[] = [
  [/\\$/, "operator"],
  [STRING, "string"],
  [/\$\(docker\b|[`)]|;$/, "operator"],
  [/\{\{.*?\}\}/, "plain"], // Go templates
  [VARIABLE, "variable"],
  [/--?[A-Za-z][\w-]*(?==|\s|$)/, "flag"],
  [/\d[\d.:]*(?=\s|$)/, "number"],
  [/[^\s"'$`{;]+|\S/, "plain"],
];
const BEGINNING: Rule[] = [
  [/%%?\w+|[!$]?(?:docker|sudo)\b/, "magic"],
  [/[^\s%]+/, "plain"],
];
const GROUPS = new Set(
  (
    "builder buildx checkpoint compose config container context image manifest network node " +
    "plugin secret service session stack swarm system trust volume"
  ).split(" "),
);
const NAME = "[A-Za-z_]\\w*";
// `%docker`, `x = %docker`, `%time %docker`, `!docker`, or a pasted line: `docker`, `$ docker`.
const LINE = new RegExp(
  `^\\s*(?:${NAME}\\s*=\\s*)?(?:(?:%%?(?!docker)\\w+\\s(?:.*\\s)?)?%%?docker|[!$]?\\s*(?:sudo\\s+)?docker)` +
    `(?=\\s+(?![=.,)])|\\s*$)(?:\\s+${NAME}\\s*<<)?`,
);
const OUTER = /^\s*(?:%%(?:time|timeit|capture)\b.*\n\s*)+(?=%%(?:dockerfile|compose|docker)\b)/;
const PROMPT = /^\s*(?:[$!%]\s*)?(?:sudo\s+)?(?:docker(?=\s))?/;

// Returns where a docker cell begins: behind magics that run the rest as a cell, as `%%time` does.
export function innerStart(text: string): number {
  return text.match(OUTER)?.[0].length ?? 0;
}

// Returns the kind of a cell, by its first line. The body of `%%docker COMMAND` is input.
export function cellKind(text: string): CellKind {
  const magic = text.slice(innerStart(text)).match(/^\s*%%(dockerfile|compose|docker)\b(.*)/);
  if (!magic) return "python";
  if (magic[1] !== "docker") return magic[1] as CellKind;
  return magic[2]?.trim() ? "input" : "script";
}

// Returns the tokens of a cell in order. In a Python cell, those of its docker lines.
export function tokensOf(text: string): Token[] {
  const inner = innerStart(text);
  if (inner) {
    const outer = scan(text.slice(0, inner), BEGINNING);
    return [...outer, ...shift(tokensOf(text.slice(inner)), inner)];
  }
  const kind = cellKind(text);
  if (kind === "python") return docker(text, 0, LINE);
  const start = text.search(/\S/);
  const end = text.indexOf("\n", start);
  if (end < 0) return firstLine(text, start);
  const body = text.slice(end + 1);
  const first = firstLine(text.slice(0, end), start);
  return [...first, ...shift(bodyTokens(kind, body), end + 1)];
}

function bodyTokens(kind: CellKind, body: string): Token[] {
  if (kind === "dockerfile") return dockerfileTokens(body);
  if (kind === "compose") return composeTokens(body);
  if (kind === "script") return docker(body, 0, PROMPT);
  return scan(body, [[/\S+/, "plain"]]);
}

function firstLine(line: string, start: number): Token[] {
  const magic = line.match(/%%\w+/)?.[0] ?? "";
  const from = start + magic.length;
  const kind = magic === "%%dockerfile" ? optionTokens : wordTokens;
  return [{ from: start, to: from, kind: "magic" }, ...shift(kind(line.slice(from)), from)];
}

// Returns the tokens of the lines that begin as docker lines do; a backslash continues a line.
function docker(text: string, offset: number, beginning: RegExp): Token[] {
  const tokens: Token[] = [];
  let position = offset;
  let isContinued = false;
  for (const line of text.split("\n")) {
    const start: string | undefined = isContinued ? "" : line.match(beginning)?.[0];
    const isComment = beginning === PROMPT && /^\s*#/.test(line);
    if (isComment) tokens.push({ from: position, to: position + line.length, kind: "comment" });
    else if (start !== undefined)
      tokens.push(...shift(lineTokens(line, start, isContinued), position));
    isContinued = start !== undefined && !isComment && line.endsWith("\\");
    position += line.length + 1;
  }
  return tokens;
}

function lineTokens(line: string, start: string, isContinued: boolean): Token[] {
  const words = isContinued ? optionTokens : wordTokens;
  const rest = shift(words(line.slice(start.length)), start.length);
  return [...scan(start, BEGINNING), ...rest];
}

// Returns the tokens of a command and its arguments: `container run -p 80:80 nginx`.
function wordTokens(text: string): Token[] {
  const tokens = optionTokens(text);
  const command = tokens.findIndex(({ kind }) => kind === "plain");
  const [first, second] = [tokens[command], tokens[command + 1]];
  if (!first) return tokens;
  first.kind = "keyword";
  const isGroup = GROUPS.has(text.slice(first.from, first.to));
  if (isGroup && second?.kind === "plain") second.kind = "keyword";
  return tokens;
}

function optionTokens(text: string): Token[] {
  return scan(text, WORDS);
}

// Splits a text by rules: at each place the first rule that matches there.
export function scan(text: string, rules: Rule[]): Token[] {
  const tokens: Token[] = [];
  const sticky = rules.map(([pattern, kind]): Rule => [new RegExp(pattern.source, "my"), kind]);
  for (let from = 0; from < text.length; ) {
    const token = /\s/.test(text[from] ?? "") ? undefined : tokenAt(text, from, sticky);
    if (token) tokens.push(token);
    from = token ? token.to : from + 1;
  }
  return tokens;
}

function tokenAt(text: string, from: number, rules: Rule[]): Token | undefined {
  for (const [pattern, kind] of rules) {
    pattern.lastIndex = from;
    const match = pattern.exec(text)?.[0];
    if (match) return { from, to: from + match.length, kind };
  }
  return undefined;
}

export function shift(tokens: Token[], by: number): Token[] {
  return tokens.map(({ from, to, kind }) => ({ from: from + by, to: to + by, kind }));
}
