import { expect, test } from "vitest";
import { speaker, verbOf } from "../../docker_magics/widgets/src/say";

test.each([
  ["en", 0, "0 images"],
  ["en", 1, "1 image"],
  ["en", 2011, "2,011 images"],
  ["ko", 1, "이미지 1개"],
  ["", 1, "1 image"],
  ["fr", 2, "2 images"],
])("counts in %j: %i", (language, count, text) => {
  expect(speaker(language)("count.images", { count })).toBe(text);
});

test.each([
  ["en", "Stop web"],
  ["ko", "web 멈추기"],
])("names a button in %s", (language, name) => {
  expect(verbOf(speaker(language), "stop", "web")).toBe(name);
});

test("inserts a value as it is", () => {
  const say = speaker("en");
  expect(say("life cycle", { state: "{name} $& <b>" })).toBe("Life cycle: {name} $& <b>");
  expect(say("life cycle")).toBe("Life cycle: ");
});
