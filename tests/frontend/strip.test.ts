// @vitest-environment jsdom
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Lines } from "../../docker_magics/widgets/src/lines";
import type { Message, Model } from "../../docker_magics/widgets/src/model";
import { speaker } from "../../docker_magics/widgets/src/say";
import { parseProgress, Strip } from "../../docker_magics/widgets/src/strip";

const say = speaker("en");

test.each([
  ["Pulling [###---] 3/6", "Pulling 3/6", []],
  ["Done", "Done", []],
  ["", "", []],
  ["Pulling\na\nb\nc\nd\ne", "Pulling", ["b", "c", "d", "e"]],
  ["step [1/2] RUN", "step [1/2] RUN", []],
])("parseProgress of %j", (text, headline, details) => {
  expect(parseProgress(text)).toEqual({ headline, details });
});

let sent: Message[];
let lines: Lines;
let countdowns: [name: string, text: string][];
let strip: Strip;

beforeEach(() => {
  vi.useFakeTimers();
  sent = [];
  countdowns = [];
  lines = new Lines({ send: (message: Message) => sent.push(message) } as unknown as Model, say);
  strip = new Strip(say, lines, (name, text) => countdowns.push([name, text]));
});
afterEach(() => void vi.useRealTimers());

function receive(kind: string, fields: object): void {
  lines.receive({ kind, action: sent.at(-1)?.action, ...fields }, []);
}

const outcome = (): Element => strip.root.querySelector(".dm-outcome") as Element;

test("a line shows its command and its duration", () => {
  strip.run("start web");
  expect(strip.root.querySelector("code")?.textContent).toBe("docker start web");
  expect(outcome().textContent).toBe("…");
  vi.advanceTimersByTime(1500);
  receive("done", { error: "", text: "", code: 0 });
  expect(outcome().textContent).toBe("done in 1.5 s");
  expect(outcome().classList).not.toContain("dm-failed");
});

test("a failed line shows the error as text", () => {
  strip.run("rm web");
  receive("done", { error: "No such container: <b>web</b>", text: "", code: 1 });
  expect(outcome().textContent).toBe("No such container: <b>web</b>");
  expect(outcome().classList).toContain("dm-failed");
});

test("a stop counts down to SIGKILL, and ends with the line", () => {
  strip.run("stop web");
  receive("grace", { seconds: 2, signal: "SIGTERM" });
  expect(outcome().textContent).toBe("SIGTERM sent, SIGKILL in 2 s");
  vi.advanceTimersByTime(1250);
  expect(outcome().textContent).toBe("SIGTERM sent, SIGKILL in 1 s");
  vi.advanceTimersByTime(5000);
  expect(countdowns.at(-1)).toEqual(["web", "SIGKILL in 0 s"]);
  receive("done", { error: "", text: "", code: 0 });
  vi.advanceTimersByTime(5000);
  expect(countdowns.at(-1)).toEqual(["web", ""]);
  expect(vi.getTimerCount()).toBe(0);
});

test("progress has a bar with the headline as its name", () => {
  strip.run("pull nginx");
  receive("progress", { text: "Pulling [##--]\nlayer 1", share: 0.5 });
  const bar = outcome().querySelector("progress") as HTMLProgressElement;
  expect([bar.value, bar.getAttribute("aria-label")]).toEqual([0.5, "Pulling"]);
  receive("progress", { text: "Waiting", share: null });
  expect(outcome().querySelector("progress")).toBeNull();
});

test("the last 50 lines are kept", () => {
  for (let number = 0; number < 60; number++) strip.add(`inspect c${number}`);
  expect(strip.root.children).toHaveLength(50);
  expect(strip.root.querySelector("code")?.textContent).toBe("docker inspect c10");
});
