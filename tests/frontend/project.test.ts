import { describe, expect, test } from "vitest";
import type { Container } from "../../docker_magics/widgets/src/container";
import {
  type Compose,
  hasFiles,
  isProject,
  knownProjects,
  rowsOf,
  stateOf,
  upLine,
} from "../../docker_magics/widgets/src/project";
import { speaker } from "../../docker_magics/widgets/src/say";

const say = speaker("en");

const FILES = ["/shop/compose.yaml", "/shop/more.yaml"];

function compose(project: string, files: string[] = FILES): Compose {
  return { project, service: "web", folder: "/shop", files };
}

function container(name: string, owner: Compose | null = null, state = "running"): Container {
  const rest = { image: "busybox", command: "sh", status: "", created: 0, ports: [] };
  return { id: name, name, state, compose: owner, ...rest };
}

function names(rows: ReturnType<typeof rowsOf>): string[] {
  return rows.map((row) => (isProject(row) ? `[${row.compose.project}]` : row.name));
}

describe("rowsOf", () => {
  const [shop, blog] = [compose("shop"), compose("blog")];
  const all = [container("a", shop), container("b"), container("c", blog), container("d", shop)];

  test("groups containers by project, and lists the others last", () => {
    const rows = rowsOf(all, all, [shop, blog], new Set());
    expect(names(rows)).toEqual(["[blog]", "c", "[shop]", "a", "d", "b"]);
  });

  test("hides the containers of a closed project, and projects without a match", () => {
    const rows = rowsOf(all.slice(0, 2), all, [shop, blog], new Set(["shop"]));
    expect(names(rows)).toEqual(["[shop]", "b"]);
  });

  test("shows a project that was taken down", () => {
    const rows = rowsOf([], [], [shop], new Set());
    expect(rows).toEqual([{ compose: shop, running: 0, total: 0, isOpen: true }]);
  });
});

test("only a project with files stays known without containers", () => {
  const [shop, cell] = [compose("shop"), compose("cell", ["/work/-"])];
  expect(knownProjects([shop, cell], [])).toEqual([shop]);
  expect(knownProjects([], [container("a", cell)])).toEqual([cell]);
});

test.each([
  [[], false],
  [["-"], false],
  [["/work/-"], false],
  [["/work/a-b.yaml"], true],
])("the files %j can bring a project up: %s", (files, answer) => {
  expect(hasFiles(compose("shop", files))).toBe(answer);
});

test.each([
  [0, 0, "down"],
  [0, 2, "exited"],
  [1, 2, "1 of 2 running"],
  [2, 2, "running"],
])("%d of %d running containers: %s", (running, total, text) => {
  expect(stateOf(say, { compose: compose("shop"), running, total, isOpen: true })).toBe(text);
});

test("Up names the files of a project; without files it starts the containers", () => {
  expect(upLine(compose("shop"))).toBe(
    "compose --project-directory /shop -f /shop/compose.yaml -f /shop/more.yaml -p shop up -d",
  );
  expect(upLine(compose("my shop", ["-"]))).toBe("compose -p 'my shop' start");
});
