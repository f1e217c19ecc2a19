// Lists the files of a container and downloads them.
import type { Container } from "./container";
import { el } from "./dom";
import { formatBytes } from "./format";
import { type Entry, type Lines, line } from "./lines";
import { type Say, verbOf } from "./say";
import { singleFile } from "./untar";

const URL_LIFETIME_MS = 10_000;
// type and permissions, links, owner, group, size (or major, minor), three words of time, name
const LS_LINE =
  /^([-dlbcps])\S{9}\S?\s+\d+\s+\S+\s+\S+\s+(\d+)(?:,\s*\d+)?\s+\S+\s+\S+\s+\S+\s(.*)$/;

// Parses the output of `ls -lA`, by coreutils or BusyBox. Skips lines that are not entries.
export function parseListing(output: string): Entry[] {
  return output.split("\n").flatMap((text) => {
    const [, kind, size, name] = LS_LINE.exec(text.trimEnd()) ?? [];
    if (!kind || !name) return [];
    const target = kind === "l" ? name.indexOf(" -> ") : -1;
    return [{ kind, size: Number(size), name: target < 0 ? name : name.slice(0, target) }];
  });
}

// Sorts folders first, then by name.
export function sortEntries(entries: Entry[]): Entry[] {
  const rank = ({ kind }: Entry): number => (kind === "d" ? 0 : 1);
  return [...entries].sort(
    (one, other) => rank(one) - rank(other) || one.name.localeCompare(other.name),
  );
}

// The folders of an absolute path, from the root: / and /etc and /etc/ssl for "/etc/ssl".
export function ancestors(path: string): { name: string; path: string }[] {
  const names = path.split("/").filter(Boolean);
  const folders = names.map((name, depth) => ({
    name,
    path: `/${names.slice(0, depth + 1).join("/")}`,
  }));
  return [{ name: "/", path: "/" }, ...folders];
}

export class Files {
  readonly root = el("div");

  constructor(
    private readonly say: Say,
    private readonly container: Container,
    private readonly lines: Lines,
    private readonly logLine: (text: string) => void,
  ) {
    this.open("/");
  }

  // A container that does not run, or has no `ls`, is read from its archive.
  private open(folder: string): void {
    if (this.container.state === "running") this.runLs(folder);
    else this.openArchive(folder);
  }

  private runLs(folder: string): void {
    const text = line("exec", this.container.name, "ls", "-lA", folder);
    this.logLine(text);
    let output = "";
    this.lines.run(text, {
      output: (more) => {
        output += more;
      },
      done: (error, _text, code) => {
        if (error || code > 1) this.openArchive(folder);
        else this.show(folder, parseListing(output)); // 1: some entries are unreadable
      },
    });
  }

  private openArchive(folder: string): void {
    const { name } = this.container;
    this.logLine(`${line("cp", `${name}:${folder}`, "-")} | tar -t`);
    this.lines.browse(name, folder, {
      files: (entries) => this.show(folder, entries),
      done: (error) => error && this.root.replaceChildren(this.trail(folder), problem(error)),
    });
  }

  private show(folder: string, entries: Entry[]): void {
    const rows = sortEntries(entries).map((entry) => this.row(folder, entry));
    this.root.replaceChildren(this.trail(folder), el("ul", { class: "dm-files" }, ...rows));
  }

  private trail(folder: string): HTMLElement {
    const buttons = ancestors(folder).map(({ name, path }) => {
      const attributes = { type: "button", class: "dm-text", onclick: () => this.open(path) };
      return el("button", attributes, name);
    });
    return el("nav", { class: "dm-trail", "aria-label": this.say("folder") }, ...buttons);
  }

  private row(folder: string, { kind, name, size }: Entry): HTMLElement {
    const path = `${folder === "/" ? "" : folder}/${name}`;
    const link = { type: "button", class: "dm-link", onclick: () => this.open(path) };
    const download = {
      type: "button",
      class: "dm-text",
      "aria-label": verbOf(this.say, "download", name),
      onclick: () => this.download(path),
    };
    return el(
      "li",
      {},
      kind === "d" ? el("button", link, `${name}/`) : el("span", {}, name),
      el("span", { class: "dm-sub" }, kind === "-" ? formatBytes(size) : ""),
      el("button", download, this.say("download")),
    );
  }

  // Saves a single file itself, anything else as the tar archive that `docker cp` sends.
  private download(path: string): void {
    const text = line("cp", `${this.container.name}:${path}`, "-");
    const name = path.split("/").pop() || this.container.name;
    this.logLine(text);
    this.lines.run(text, {
      data: (data) => {
        const file = singleFile(data);
        if (file) save(file, name, "application/octet-stream");
        else save(data as DataView<ArrayBuffer>, `${name}.tar`, "application/x-tar");
      },
      done: (error) => error && this.logLine(`${text}: ${error}`),
    });
  }
}

export function problem(text: string): HTMLElement {
  return el("p", { class: "dm-problem", role: "alert" }, text);
}

type Bytes = DataView<ArrayBuffer> | Uint8Array<ArrayBuffer>;

function save(data: Bytes, name: string, type: string): void {
  const url = URL.createObjectURL(new Blob([data], { type }));
  el("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), URL_LIFETIME_MS);
}
