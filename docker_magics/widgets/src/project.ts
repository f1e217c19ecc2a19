// Compose projects: which containers belong to them, and the lines about them.
import type { Container } from "./container";
import { line } from "./lines";
import type { Say } from "./say";

// The labels with which Compose marks a container.
export interface Compose {
  project: string;
  service: string;
  folder: string;
  files: string[];
}

export interface Project {
  compose: Compose;
  running: number;
  total: number;
  isOpen: boolean;
}

export type Row = Container | Project;

export function isProject(row: Row): row is Project {
  return "isOpen" in row;
}

// Returns the rows of a table: each project by name, followed by its containers; then the others.
// A project without any is one that was taken down.
export function rowsOf(
  containers: Container[],
  all: Container[],
  known: Compose[],
  closed: Set<string>,
): Row[] {
  const projects = [...known].sort((one, other) => one.project.localeCompare(other.project));
  const rows = projects.flatMap((compose): Row[] => {
    const belongs = (container: Container): boolean =>
      container.compose?.project === compose.project;
    const members = all.filter(belongs);
    const shown = containers.filter(belongs);
    if (members.length && !shown.length) return [];
    const running = members.filter(({ state }) => state === "running").length;
    const isOpen = !closed.has(compose.project);
    return [{ compose, running, total: members.length, isOpen }, ...(isOpen ? shown : [])];
  });
  return [...rows, ...containers.filter(({ compose }) => !compose)];
}

// The names of the projects that have containers.
export function projectsOf(containers: Container[]): string[] {
  const names = containers.flatMap(({ compose }) => compose?.project ?? []);
  return [...new Set(names)].sort();
}

// Updates the projects that are known by those of all containers. One that was taken down stays
// known if its files can bring it up again.
export function knownProjects(known: Compose[], all: Container[]): Compose[] {
  const projects = new Map(known.filter(hasFiles).map((compose) => [compose.project, compose]));
  for (const { compose } of all) if (compose) projects.set(compose.project, compose);
  return [...projects.values()];
}

// Whether the project was made from files; the file of a %%compose cell is its standard input.
export function hasFiles({ files }: Compose): boolean {
  return files.length > 0 && !files.some((file) => /(^|\/)-$/.test(file));
}

// `running`, `2 of 3 running`, `exited`, `down`.
export function stateOf(say: Say, { running, total }: Project): string {
  if (!total) return say("project down");
  if (!running) return "exited";
  return running === total ? "running" : say("project running", { running, total });
}

// Composes `up -d`. Without the files it can only start what exists.
export function upLine(compose: Compose): string {
  const { project, folder, files } = compose;
  if (!hasFiles(compose)) return projectLine(project, "start");
  const named = files.flatMap((file) => ["-f", file]);
  const args = ["--project-directory", folder, ...named, "-p", project, "up", "-d"];
  return line("compose", ...args);
}

export function projectLine(project: string, ...args: string[]): string {
  return line("compose", "-p", project, ...args);
}
