// The tokens of a Dockerfile.
import { type Rule, scan, shift, type Token } from "./tokens";

// source: moby/buildkit, frontend/dockerfile/command/command.go.
export const INSTRUCTIONS =
  "ADD ARG CMD COPY ENTRYPOINT ENV EXPOSE FROM HEALTHCHECK LABEL MAINTAINER ONBUILD RUN SHELL " +
  "STOPSIGNAL USER VOLUME WORKDIR";
const INSTRUCTION = new RegExp(
  `^\\s*(?:(?:${INSTRUCTIONS.replaceAll(" ", "|")})(?=\\s|$)\\s*)+`,
  "i",
);
const HEREDOC = /<<-?(["']?)(\w+)\1/g;
const WORDS: Rule[] = [
  [/\\$/, "operator"],
  [/"(?:[^"\\\n]|\\.)*"?|'[^'\n]*'?/, "string"],
  [/\$\{[^}\n]*\}|\$\w+/, "variable"],
  [/--[a-z][\w-]*(?==|\s|$)/, "flag"],
  [/<<-?\w+|&&|\|\||[[\],|;&]/, "operator"],
  [/\d[\d./]*(?=\s|$)/, "number"],
  [/[^\s"'$[\],|;&]+|\S/, "plain"],
];

// Returns the tokens of a Dockerfile in order.
export function dockerfileTokens(text: string): Token[] {
  const tokens: Token[] = [];
  let position = 0;
  let isContinued = false;
  let heredocs: string[] = [];
  for (const line of text.split("\n")) {
    const content = line.trim();
    const add = (kind: Token["kind"]): unknown =>
      content &&
      tokens.push({
        from: position + line.search(/\S/),
        to: position + line.trimEnd().length,
        kind,
      });
    if (heredocs.length) {
      const isEnd = content === heredocs[0];
      add(isEnd ? "operator" : "string");
      if (isEnd) heredocs = heredocs.slice(1);
    } else if (content.startsWith("#")) {
      add("comment"); // also between continued lines
    } else {
      tokens.push(...shift(instruction(line, isContinued), position));
      heredocs = [...line.matchAll(HEREDOC)].map((match) => match[2] ?? "");
      isContinued = content.endsWith("\\");
    }
    position += line.length + 1;
  }
  return tokens;
}

function instruction(line: string, isContinued: boolean): Token[] {
  const start = isContinued ? "" : (line.match(INSTRUCTION)?.[0] ?? "");
  const words = scan(start, [[/\S+/, "keyword"]]);
  const rest = shift(scan(line.slice(start.length), WORDS), start.length);
  for (const token of rest) if (isKeyword(line, start, token)) token.kind = "keyword";
  return [...words, ...rest];
}

// Whether a word is AS of FROM, or CMD and NONE of HEALTHCHECK.
function isKeyword(line: string, start: string, { from, to }: Token): boolean {
  const word = line.slice(from, to).toUpperCase();
  if (/^\s*FROM/i.test(start)) return word === "AS" && /\s$/.test(line.slice(0, from));
  return /^\s*HEALTHCHECK/i.test(start) && (word === "CMD" || word === "NONE");
}
