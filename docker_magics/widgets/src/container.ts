// A container as the kernel reports it, and what follows from it.
import { flags, line, quote } from "./lines";
import type { Compose } from "./project";
import type { Say, TextKey } from "./say";

export interface Container {
  id: string;
  name: string;
  image: string;
  command: string;
  state: string;
  status: string;
  created: number; // Unix time in seconds
  ports: Port[];
  compose: Compose | null;
}

export type Port = [published: number, inside: number, protocol: string, addresses: string[]];

export const PAGES = ["logs", "exec", "inspect", "compose", "files", "health"] as const;
export type Page = (typeof PAGES)[number];

const VERBS: Record<string, TextKey[]> = {
  created: ["start", "logs", "inspect", "files", "rename", "remove"],
  running: ["stop", "logs", "exec", "inspect", "files", "restart", "pause", "kill", "rename"],
  paused: ["unpause", "logs", "inspect", "files", "rename"],
  restarting: ["stop", "logs", "inspect", "kill", "rename"],
  exited: ["start", "logs", "inspect", "files", "restart", "rename", "remove"],
  stopped: ["start", "logs", "inspect", "files", "restart", "rename", "remove"], // Podman's exited
  dead: ["inspect", "remove"],
};

// Returns the verbs that the container's state allows.
export function verbsOf({ state }: Container): TextKey[] {
  return Object.hasOwn(VERBS, state) ? (VERBS[state] ?? []) : ["inspect"];
}

// The exit code or the health, for the line under the state.
export function detailOf(say: Say, { state, status }: Container): string {
  const code = status.match(/^Exited \((\d+)\)/)?.[1];
  return state === "exited" && code !== undefined ? say("exited", { code }) : healthOf(status);
}

// `healthy`, `unhealthy`, `health: starting`; "" without a health check.
export function healthOf(status: string): string {
  return status.match(/\((healthy|unhealthy|health: starting)\)/)?.[1] ?? "";
}

interface Health {
  Status: string;
  FailingStreak: number;
  Log: { End: string; ExitCode: number; Output: string }[] | null;
}

// Describes the JSON of `inspect --format '{{json .State.Health}}'`: the newest check first.
export function healthText(say: Say, json: string): string {
  const health = JSON.parse(json) as Health | null;
  if (!health) return say("health.none");
  const checks = [...(health.Log ?? [])].reverse().map(({ End, ExitCode, Output }) => {
    const result = ExitCode ? say("health.failed", { code: ExitCode }) : say("health.passed");
    return `${End}  ${result}\n${Output.trim().replace(/^/gm, "    ")}`.trimEnd();
  });
  const failures = say("count.failures", { count: health.FailingStreak });
  const status = health.FailingStreak ? `${health.Status}, ${failures}` : health.Status;
  return [status, ...checks].join("\n");
}

// Whether a container has a state ("all" for any) and contains a lower-case text.
export function matches(container: Container, state: string, text: string): boolean {
  const { name, image, id, compose } = container;
  const texts = [name, image, container.state, id, compose?.project ?? ""];
  const hasText = texts.join(" ").toLowerCase().includes(text);
  return hasText && (state === "all" || container.state === state);
}

// Applies changes to a list: removes ids, replaces and adds containers, sorts the newest first.
export function merge(all: Container[], changed: Container[], removed: string[]): Container[] {
  const changes = new Map(changed.map((container) => [container.id, container]));
  const known = new Set(all.map(({ id }) => id));
  const added = changed.filter(({ id }) => !known.has(id));
  const kept = all
    .filter(({ id }) => !removed.includes(id))
    .map((container) => changes.get(container.id) ?? container);
  return [...added, ...kept].sort((one, other) => other.created - one.created);
}

// Finds a container by what a command line calls it: its name, or at least 12 digits of its id.
export function named(all: Container[], name: string): Container | undefined {
  const isId = (id: string): boolean => name.length > 11 && id.startsWith(name);
  return all.find((container) => container.name === name || isId(container.id));
}

// `8080→80`, `53/udp`.
export function portText([published, inside, protocol]: Port): string {
  const name = protocol === "tcp" ? String(inside) : `${inside}/${protocol}`;
  return published ? `${published}→${name}` : name;
}

// Composes `create` or `run -d` from a form's fields. The command is a command line already.
export function creationLine(verb: string, fields: Record<string, string>): string {
  const { name, ports = "", env = "", image, command } = fields;
  const parts = [verb, name && line("--name", name), flags("-p", ports), flags("-e", env)];
  return [...parts, quote(image || "IMAGE"), command].filter(Boolean).join(" ");
}
