// The tokens of a Compose file, the keys above a line, and its indentation.
import { type Rule, scan, shift, type Token } from "./tokens";

const KEY = /^(\s*(?:- +)*)("[^"]*"|'[^']*'|[^\s#:'"[\]{},&*!|>%@`-][^#:\n]*?)(\s*:)(?=\s|$)/;
const BLOCK_SCALAR = /(?:^|[:\s-])[|>][-+0-9]*\s*(?:#.*)?$/;
const VALUES: Rule[] = [
  [/#.*$/, "comment"],
  [/"(?:[^"\\\n]|\\.)*"?|'[^'\n]*'?/, "string"],
  [/\$\{[^}\n]*\}|\$\w+/, "variable"],
  [/[&*][\w-]+|!\w*/, "variable"],
  [/[|>][-+0-9]*(?=\s*(?:#.*)?$)|-(?=\s|$)|[[\]{},:]/, "operator"],
  [/(?<=^\s*|[-:,[{]\s*)(?:true|false|null|yes|no|on|off)(?=\s*(?:$|[\],}#]))/, "keyword"],
  [/(?<=^\s*|[-:,[{]\s*)-?\d[\d_.]*(?:[a-z]{1,2})?(?=\s*(?:$|[\],}#]))/, "number"],
  [/[^\s"'$#[\]{},:]+:?(?:[^\s"'$#[\]{},]+)?|\S/, "plain"],
];

// Returns the tokens of a Compose file in order.
export function composeTokens(text: string): Token[] {
  const tokens: Token[] = [];
  let position = 0;
  let scalarColumn: number | undefined; // of the key whose block scalar is open
  for (const line of text.split("\n")) {
    const column = line.search(/\S/);
    if (scalarColumn !== undefined && column >= 0 && column <= scalarColumn)
      scalarColumn = undefined;
    if (scalarColumn !== undefined && column >= 0) {
      tokens.push({
        from: position + column,
        to: position + line.trimEnd().length,
        kind: "string",
      });
    } else if (column >= 0) {
      tokens.push(...shift(lineTokens(line), position));
      if (BLOCK_SCALAR.test(line)) scalarColumn = contentColumn(line);
    }
    position += line.length + 1;
  }
  return tokens;
}

function lineTokens(line: string): Token[] {
  const [all = "", dashes = "", key = ""] = line.match(KEY) ?? [];
  const start = dashes.length + key.length;
  const name: Token[] = key ? [{ from: dashes.length, to: start, kind: "property" }] : [];
  const colon: Token[] = key ? [{ from: all.length - 1, to: all.length, kind: "operator" }] : [];
  const rest = shift(scan(line.slice(all.length), VALUES), all.length);
  return [...scan(dashes, VALUES), ...name, ...colon, ...rest];
}

// The column after the dashes of a line.
function contentColumn(line: string): number {
  return line.match(/^\s*(?:- +)*/)?.[0].length ?? 0;
}

// Returns the keys that lead to a line: ["services", "web", "ports"]. Items of lists are `*`.
export function pathOf(lines: string[], index: number): string[] {
  const path: string[] = [];
  let column = Number.POSITIVE_INFINITY;
  for (let at = index; at >= 0 && column > 0; at--) {
    const line = lines[at] ?? "";
    const [dash, own] = [line.search(/\S/), contentColumn(line)];
    if (dash < 0 || dash >= column) continue;
    const key = line.match(KEY)?.[2];
    if (key && own < column) path.unshift(key.replace(/^["']|["']$/g, ""));
    if (dash < own) path.unshift("*");
    if (key || dash < own) column = dash < own ? dash + 1 : own; // a list may be as far left as its key
  }
  return path;
}

const STEP = 2;

// Returns the column at which the line after a text begins.
export function indentAfter(text: string): number {
  const line = text.split("\n").at(-1) ?? "";
  const content = line.replace(/\s#.*$/, "").trimEnd();
  const column = contentColumn(line);
  if (!content.trim()) return Math.max(column, 0);
  if (content.endsWith(":") || BLOCK_SCALAR.test(content)) return column + STEP;
  return KEY.test(line) ? column : line.search(/\S/);
}
