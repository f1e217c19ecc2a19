// Serializes a terminal's buffer as rows of runs: [text, foreground, background, style]. A color is an
// index into the palette, "#rrggbb", "inverse" for the theme's opposite, or null for the theme's; a
// style has letters of "biuds" (bold, italic, underline, dim, strikethrough).
import type { IBuffer, IBufferCell } from "@xterm/xterm";

export type Color = number | string | null;
export type Run = [text: string, foreground: Color, background: Color, style: string];

const MAX_ROWS = 2000;

// The last rows of the buffer, without trailing blanks.
export function transcript(buffer: IBuffer): Run[][] {
  const rows: Run[][] = [];
  const cell = buffer.getNullCell();
  for (let y = Math.max(0, buffer.length - MAX_ROWS); y < buffer.length; y++) {
    const line = buffer.getLine(y);
    if (!line) continue;
    const row: Run[] = [];
    for (let x = 0; x < line.length; x++) {
      line.getCell(x, cell);
      if (cell.getWidth()) append(row, cell); // a wide character's second cell has no width
    }
    rows.push(trimEnd(row));
  }
  while (rows.at(-1)?.length === 0) rows.pop();
  return rows;
}

function append(row: Run[], cell: IBufferCell): void {
  let [front, back] = [foreground(cell), background(cell)];
  if (cell.isInverse()) [front, back] = [back ?? "inverse", front ?? "inverse"];
  const style = styleOf(cell);
  const last = row.at(-1);
  const text = cell.getChars() || " ";
  if (last && last[1] === front && last[2] === back && last[3] === style) last[0] += text;
  else row.push([text, front, back, style]);
}

function styleOf(cell: IBufferCell): string {
  return (
    (cell.isBold() ? "b" : "") +
    (cell.isItalic() ? "i" : "") +
    (cell.isUnderline() ? "u" : "") +
    (cell.isDim() ? "d" : "") +
    (cell.isStrikethrough() ? "s" : "")
  );
}

function foreground(cell: IBufferCell): Color {
  if (cell.isFgDefault()) return null;
  return cell.isFgRGB() ? hex(cell.getFgColor()) : cell.getFgColor();
}

function background(cell: IBufferCell): Color {
  if (cell.isBgDefault()) return null;
  return cell.isBgRGB() ? hex(cell.getBgColor()) : cell.getBgColor();
}

function hex(value: number): string {
  return `#${value.toString(16).padStart(6, "0")}`;
}

function trimEnd(row: Run[]): Run[] {
  const last = row.at(-1);
  if (!last || last[2] !== null) return row; // a background shows in blanks too
  last[0] = last[0].trimEnd();
  if (!last[0]) row.pop();
  return row;
}
