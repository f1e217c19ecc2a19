import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { formatAge, formatBytes } from "../../docker_magics/widgets/src/format";
import { speaker } from "../../docker_magics/widgets/src/say";

const say = speaker("en");

test.each([
  [0, "0 B"],
  [999, "999 B"],
  [1000, "1.0 kB"],
  [1449, "1.4 kB"],
  [99_400, "99 kB"],
  [99_600, "100 kB"],
  [999_400, "999 kB"],
  [999_600, "1.0 MB"],
  [4_270_000, "4.3 MB"],
  [123_456_789, "123 MB"],
  [2e9, "2.0 GB"],
  [5e12, "5.0 TB"],
  [7.5e15, "7500 TB"],
])("%i bytes are %s", (count, text) => expect(formatBytes(count)).toBe(text));

describe("formatAge", () => {
  const NOW = 1_700_000_000;
  const [MINUTE, HOUR, DAY] = [60, 3600, 86_400];
  beforeEach(() => void vi.useFakeTimers({ now: NOW * 1000 }));
  afterEach(() => void vi.useRealTimers());

  test.each([
    [0, "just now"],
    [MINUTE - 1, "just now"],
    [MINUTE, "1 minute ago"],
    [HOUR - 1, "59 minutes ago"],
    [2 * HOUR, "2 hours ago"],
    [DAY, "1 day ago"],
    [13 * DAY, "1 week ago"],
    [30 * DAY, "1 month ago"],
    [364 * DAY, "12 months ago"],
    [800 * DAY, "2 years ago"],
    [-DAY, "just now"], // the engine's clock is ahead
  ])("of %i seconds", (age, text) => expect(formatAge(say, NOW - age)).toBe(text));
});
