// What the dashboard asks about containers and projects before it runs a line.
import { type Container, creationLine } from "./container";
import type { Question, Values } from "./dialog";
import { line } from "./lines";
import { projectLine } from "./project";
import { type Say, verbOf } from "./say";

// The settings of a container. Run is the default for a given image, Create without one.
export function creation(say: Say, images: string[], image: string): Question {
  const create = { label: say("create"), line: (fields: Values) => creationLine("create", fields) };
  const run = { label: say("run"), line: (fields: Values) => creationLine("run -d", fields) };
  return {
    title: image ? verbOf(say, "run", image) : say("create a container"),
    fields: [
      { name: "image", label: say("image"), value: image, hint: "nginx:alpine", options: images },
      { name: "name", label: say("name"), hint: "web", optional: true },
      { name: "ports", label: say("ports"), hint: "8080:80", optional: true },
      { name: "env", label: say("environment"), hint: "KEY=value", optional: true },
      { name: "command", label: say("command"), hint: say("image's command"), optional: true },
    ],
    verbs: image ? [create, run] : [run, create],
  };
}

export function removal(say: Say, container: Container): Question {
  return {
    title: say("remove: title", { name: container.name }),
    text: say("remove: note"),
    verbs: [{ label: say("remove"), danger: true, line: () => line("rm", container.name) }],
  };
}

export function takingDown(say: Say, project: string): Question {
  const down = { label: say("down"), danger: true, line: () => projectLine(project, "down") };
  const all = {
    ...down,
    label: say("down with volumes"),
    line: () => projectLine(project, "down", "-v"),
  };
  return {
    title: say("take down", { name: project }),
    text: say("take down: note"),
    verbs: [all, down],
  };
}

export function renaming(say: Say, container: Container): Question {
  return {
    title: verbOf(say, "rename", container.name),
    fields: [{ name: "name", label: say("new name"), value: container.name }],
    verbs: [
      { label: say("rename"), line: ({ name }) => line("rename", container.name, name || "NAME") },
    ],
  };
}
