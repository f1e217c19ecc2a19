import { expect, test } from "vitest";
import { meaningAt, type Sentences } from "../../docker_magics/labextension/src/hover";
import english from "../../docker_magics/labextension/static/sentences-en.json";

const known: Sentences = english;

// The meaning of a word, at its last place in a cell.
function meaning(cell: string, word: string): string[] | undefined {
  return meaningAt(cell, cell.lastIndexOf(word), known)?.sentences;
}

test.each([
  ["%docker run -d nginx", "run", [known.commands["container run"]]],
  ["%docker run -d nginx", "-d", [known.flags["container run"]?.["--detach"]]],
  [
    "%docker run -it nginx",
    "-it",
    [known.flags["container run"]?.["--interactive"], known.flags["container run"]?.["--tty"]],
  ],
  ["%docker image ls --no-trunc", "--no-trunc", [known.flags["image ls"]?.["--no-trunc"]]],
  ["%docker run \\\n  --rm nginx", "--rm", [known.flags["container run"]?.["--rm"]]],
  ["%%dockerfile --tag x\nFROM a", "--tag", [known.flags["image build"]?.["--tag"]]],
  ["%%dockerfile\nfrom a", "from", [known.instructions.FROM]],
  ["%%time\n%%dockerfile\nFROM a", "FROM", [known.instructions.FROM]],
  ["%%time\n%%dockerfile\nFROM a", "%%time", undefined],
  ["%%dockerfile\nFROM a AS b", "AS", undefined],
  ["%%dockerfile\nFROM a\nCOPY --from=x y", "--from", undefined],
  ["%%compose up -d\nservices:", "up", [known.commands["compose up"]]],
  [
    "%%compose\nservices:\n  web:\n    ports: []",
    "ports",
    [known.compose_keys["services.*.ports"]],
  ],
  ["%%compose\nservices:\n  web:\n    odd: []", "odd", undefined],
  ["%docker constructor --proto", "constructor", undefined],
  ["%docker run nginx", "nginx", undefined],
  ["x = 1", "x", undefined],
])("in %j, %s means %j", (cell, word, expected) => {
  expect(meaning(cell, word)).toEqual(expected);
});
