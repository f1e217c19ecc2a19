import { describe, expect, test } from "vitest";
import { indentAfter, pathOf } from "../../docker_magics/labextension/src/compose";
import { cellKind, tokensOf } from "../../docker_magics/labextension/src/tokens";

// The tokens as `kind:text`.
function colors(text: string): string[] {
  return tokensOf(text).map(({ from, to, kind }) => `${kind}:${text.slice(from, to)}`);
}

test.each([
  ["%%dockerfile -t x\nFROM a", "dockerfile"],
  ["\n%%compose\n", "compose"],
  ["%%docker\nps", "script"],
  ["%%docker exec -i db psql\nselect 1", "input"],
  ["%docker ps", "python"],
  ["%%time\n%%dockerfile -t x\nFROM a", "dockerfile"],
  ["%%capture x\n\n%%time\n%%docker\nps", "script"],
  ["%%time\ndocker ps", "python"],
  ["%%dockerfiles", "python"],
  ["", "python"],
])("%j is a cell of kind %s", (text, kind) => {
  expect(cellKind(text)).toBe(kind);
});

test("a magic that runs the rest as a cell does not hide its colors", () => {
  const inner = colors("%%dockerfile -t x\nFROM a");
  expect(colors("%%time\n%%dockerfile -t x\nFROM a")).toEqual(["magic:%%time", ...inner]);
});

describe("docker lines", () => {
  test.each([
    ["%time %docker ps", ["magic:%time", "magic:%docker", "keyword:ps"]],
    ["$ sudo docker ps", ["plain:$", "magic:sudo", "magic:docker", "keyword:ps"]],
    ["%docker ps -a", ["magic:%docker", "keyword:ps", "flag:-a"]],
    ["ids = %docker ps -q", ["plain:ids", "plain:=", "magic:%docker", "keyword:ps", "flag:-q"]],
    ["ids = docker.from_env()", []],
    ["docker = 1", []],
    ["docker.from_env()", []],
    ["print('docker ps')", []],
    ["!docker ps | wc -l", ["magic:!docker", "keyword:ps", "plain:|", "plain:wc", "flag:-l"]],
    ["docker image ls", ["magic:docker", "keyword:image", "keyword:ls"]],
    [
      "%docker run --name=web -e A=$a {image} 'a b'",
      [
        "magic:%docker",
        "keyword:run",
        "flag:--name",
        "plain:=web",
        "flag:-e",
        "plain:A=",
        "variable:$a",
        "variable:{image}",
        "string:'a b'",
      ],
    ],
    [
      "%docker ps --format {{.Names}}",
      ["magic:%docker", "keyword:ps", "flag:--format", "plain:{{.Names}}"],
    ],
  ])("%j", (text, expected) => {
    expect(colors(text)).toEqual(expected);
  });

  test("a backslash continues a line", () => {
    const text = "%docker run \\\n  -d nginx\nprint(1)";
    expect(colors(text)).toEqual([
      "magic:%docker",
      "keyword:run",
      "operator:\\",
      "flag:-d",
      "plain:nginx",
    ]);
  });

  test("each line of a script is one", () => {
    expect(colors("%%docker\n# all\nps -a\ndocker images")).toEqual([
      "magic:%%docker",
      "comment:# all",
      "keyword:ps",
      "flag:-a",
      "magic:docker",
      "keyword:images",
    ]);
  });

  test("the input of a command has no colors", () => {
    expect(colors("%%docker exec -i db sh\n-a 'b'")).toEqual([
      "magic:%%docker",
      "keyword:exec",
      "flag:-i",
      "plain:db",
      "plain:sh",
      "plain:-a",
      "plain:'b'",
    ]);
  });
});

test("a Dockerfile", () => {
  const text = [
    "%%dockerfile -t me/app",
    "# comment",
    "FROM node:20 AS base",
    "copy --from=base $SRC /app",
    "RUN echo 'a' && \\",
    "  # between",
    "  run",
    "RUN <<EOF",
    "FROM here",
    "EOF",
    'CMD ["node"]',
  ].join("\n");
  expect(colors(text)).toEqual([
    "magic:%%dockerfile",
    "flag:-t",
    "plain:me/app",
    "comment:# comment",
    "keyword:FROM",
    "plain:node:20",
    "keyword:AS",
    "plain:base",
    "keyword:copy",
    "flag:--from",
    "plain:=base",
    "variable:$SRC",
    "plain:/app",
    "keyword:RUN",
    "plain:echo",
    "string:'a'",
    "operator:&&",
    "operator:\\",
    "comment:# between",
    "plain:run",
    "keyword:RUN",
    "operator:<<EOF",
    "string:FROM here",
    "operator:EOF",
    "keyword:CMD",
    "operator:[",
    'string:"node"',
    "operator:]",
  ]);
});

// biome-ignore-start lint/suspicious/noTemplateCurlyInString: of Compose, not of JavaScript
test("a Compose file", () => {
  const text = [
    "%%compose up -d",
    "services:",
    "  web:",
    "    image: nginx:alpine # small",
    '    ports: ["80:80"]',
    "    read_only: true",
    "    command: |",
    "      echo: not a key",
    "    depends_on:",
    "      - db",
    "    scale: 2",
    "    entrypoint: sleep 10 no",
    "    environment:",
    "      A: ${B}",
  ].join("\n");
  expect(colors(text)).toEqual([
    "magic:%%compose",
    "keyword:up",
    "flag:-d",
    ...["property:services", "operator::"],
    ...["property:web", "operator::"],
    ...["property:image", "operator::", "plain:nginx:alpine", "comment:# small"],
    ...["property:ports", "operator::", "operator:[", 'string:"80:80"', "operator:]"],
    ...["property:read_only", "operator::", "keyword:true"],
    ...["property:command", "operator::", "operator:|"],
    "string:echo: not a key",
    ...["property:depends_on", "operator::", "operator:-", "plain:db"],
    ...["property:scale", "operator::", "number:2"],
    ...["property:entrypoint", "operator::", "plain:sleep", "plain:10", "plain:no"],
    ...["property:environment", "operator::", "property:A", "operator::", "variable:${B}"],
  ]);
});

// biome-ignore-end lint/suspicious/noTemplateCurlyInString: the same

test.each([
  ["services:", 2],
  ["  web:", 4],
  ["    image: nginx", 4],
  ["    ports:", 6],
  ['      - "80:80"', 6],
  ["      - name: a", 8],
  ["    command: |", 6],
  ["    image: a # b:", 4],
  ["", 0],
])("after %j the next line begins at column %d", (line, column) => {
  expect(indentAfter(`a:\n${line}`)).toBe(column);
});

test.each([
  [2, ["services", "web", "ports"]],
  [3, ["services", "web", "ports", "*", "target"]],
  [4, ["services", "web", "ports", "*", "published"]],
  [5, ["services", "db"]],
  [6, ["volumes"]],
])("the path of line %d is %j", (index, path) => {
  const lines = [
    "services:",
    "  web:",
    "    ports:",
    "    - target: 80",
    "      published: 81",
    "  db:",
    "volumes:",
  ];
  expect(pathOf(lines, index)).toEqual(path);
});

test("every position of any text is in one token at most, in order", () => {
  const texts = [
    "%%compose\n\n",
    "%%dockerfile",
    "%docker",
    "%%docker\n\\",
    "%docker 'a",
    "%%compose\n- - a: {b: [c",
  ];
  for (const text of texts) {
    let end = 0;
    for (const { from, to } of tokensOf(text)) {
      expect(from).toBeGreaterThanOrEqual(end);
      expect(to).toBeGreaterThan(from);
      end = to;
    }
    expect(end).toBeLessThanOrEqual(text.length);
  }
});
