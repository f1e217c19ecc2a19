import { describe, expect, test } from "vitest";
import {
  type Container,
  creationLine,
  detailOf,
  healthText,
  matches,
  merge,
  named,
  type Port,
  portText,
  verbsOf,
} from "../../docker_magics/widgets/src/container";
import { speaker } from "../../docker_magics/widgets/src/say";

const say = speaker("en");

function container(fields: Partial<Container> = {}): Container {
  const base = { name: "web", image: "nginx:alpine", command: "nginx", status: "", created: 0 };
  const compose = null;
  return { compose, id: "a".repeat(64), state: "running", ports: [], ...base, ...fields };
}

describe("verbsOf", () => {
  test.each([
    ["running", "stop", "start"],
    ["running", "exec", "remove"],
    ["exited", "remove", "exec"],
    ["stopped", "start", "stop"],
    ["created", "start", "pause"],
    ["paused", "unpause", "remove"],
    ["restarting", "kill", "exec"],
    ["dead", "remove", "start"],
  ])("in state %s allows %s, not %s", (state, allowed, forbidden) => {
    expect(verbsOf(container({ state }))).toContain(allowed);
    expect(verbsOf(container({ state }))).not.toContain(forbidden);
  });

  test.each(["", "new", "constructor", "__proto__"])(
    "in the unknown state %j inspects",
    (state) => {
      expect(verbsOf(container({ state }))).toEqual(["inspect"]);
    },
  );
});

test.each([
  ["exited", "Exited (137) 2 hours ago", "exited with code 137"],
  ["exited", "Exited 2 hours ago", ""],
  ["running", "Up 5 minutes", ""],
  ["running", "Up 5 minutes (healthy)", "healthy"],
  ["running", "Up 5 minutes (health: starting)", "health: starting"],
  ["running", "Exited (1) before", ""],
  ["created", "Created", ""],
])("detailOf a container that is %s with status %j is %j", (state, status, detail) => {
  expect(detailOf(say, container({ state, status }))).toBe(detail);
});

describe("healthText", () => {
  test("lists the checks, the newest first", () => {
    const log = [
      { End: "10:00", ExitCode: 0, Output: "" },
      { End: "10:01", ExitCode: 1, Output: "refused\nagain\n" },
    ];
    const health = { Status: "unhealthy", FailingStreak: 3, Log: log };
    expect(healthText(say, JSON.stringify(health))).toBe(
      "unhealthy, 3 failures in a row\n10:01  failed with exit code 1\n    refused\n    again\n10:00  passed",
    );
  });

  test("says that there is none", () => {
    expect(healthText(say, "null")).toBe("The container has no health check.");
  });
});

describe("matches", () => {
  test.each([
    ["all", ""],
    ["running", ""],
    ["all", "we"],
    ["all", "alpine"],
    ["all", "runn"],
    ["running", "aaaaaaaaaaaa"],
  ])("a running web: state %s, text %j", (state, text) => {
    expect(matches(container({ name: "WEB" }), state, text)).toBe(true);
  });

  test.each([
    ["exited", ""],
    ["exited", "web"],
    ["all", ".*"],
    ["all", "nginx nginx"],
  ])("not: state %s, text %j", (state, text) => {
    expect(matches(container(), state, text)).toBe(false);
  });
});

describe("merge", () => {
  const old = container({ id: "old", created: 1 });
  const young = container({ id: "young", created: 2 });

  test("replaces, adds and removes, the newest first", () => {
    const paused = { ...young, state: "paused" };
    const added = container({ id: "added", created: 3 });
    expect(merge([young, old], [paused, added], ["old"])).toEqual([added, paused]);
  });

  test("puts an added container before others of the same second", () => {
    const added = container({ id: "added", created: 2 });
    expect(merge([young, old], [added], [])).toEqual([added, young, old]);
  });

  test("ignores ids that it does not know", () => {
    expect(merge([young], [], ["other", "young "])).toEqual([young]);
  });

  test("leaves its arguments as they are", () => {
    const all = [young, old];
    merge(all, [{ ...old, state: "exited" }], ["young"]);
    expect(all).toEqual([young, old]);
  });
});

describe("named", () => {
  const [web, db] = [container(), container({ name: "db", id: `b${"0".repeat(63)}` })];

  test.each([
    ["db", db],
    [`b${"0".repeat(11)}`, db],
    [web.id, web],
    ["b000", undefined], // a short id may be a name
    ["", undefined],
    ["d", undefined],
  ])("%j", (name, expected) => expect(named([web, db], name)).toBe(expected));
});

test.each<[Port, string]>([
  [[8080, 80, "tcp", []], "8080→80"],
  [[0, 80, "tcp", []], "80"],
  [[5353, 53, "udp", []], "5353→53/udp"],
  [[0, 53, "udp", []], "53/udp"],
])("portText of %j is %s", (port, text) => expect(portText(port)).toBe(text));

describe("creationLine", () => {
  test("has only the fields that are filled in", () => {
    expect(creationLine("create", { image: "busybox", name: "", ports: "", env: "" })).toBe(
      "create busybox",
    );
  });

  test("has all fields in docker's order", () => {
    const fields = {
      image: "nginx",
      name: "web",
      ports: "80:80 443:443",
      env: "A=1",
      command: "sh -c 'a b'",
    };
    expect(creationLine("run -d", fields)).toBe(
      "run -d --name web -p 80:80 -p 443:443 -e A=1 nginx sh -c 'a b'",
    );
  });

  test("quotes names, ports, variables and images: none adds an argument or a variable", () => {
    const hostile = { image: "$(id)", name: "a b", ports: "1;2", env: "A={secret}" };
    expect(creationLine("create", hostile)).toBe(
      "create --name 'a b' -p '1;2' -e 'A={secret}' '$(id)'",
    );
  });

  test("has a placeholder for the image", () => {
    expect(creationLine("create", { image: "" })).toBe("create IMAGE");
  });
});
