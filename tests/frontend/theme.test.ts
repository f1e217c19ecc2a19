import { expect, test } from "vitest";
import { isDarkColor } from "../../docker_magics/widgets/src/theme";

test.each([
  ["rgb(255, 255, 255)", false],
  ["rgb(0, 0, 0)", true],
  ["rgb(17, 17, 17)", true],
  ["rgb(255, 255, 0)", false],
  ["rgb(0, 0, 255)", true],
  ["rgba(0, 0, 0, 0.5)", true],
  ["rgba(0, 0, 0, 0)", undefined],
  ["transparent", undefined],
  ["", undefined],
])("isDarkColor(%j)", (color, isDark) => expect(isDarkColor(color)).toBe(isDark));
