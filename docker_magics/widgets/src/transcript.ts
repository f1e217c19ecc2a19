// What a terminal shows, as rows of runs: [text, foreground, background, style]. A colour is a number
// of the palette, "#rrggbb", or null for the theme's; a style is letters of "biuds" (bold, italic,
// underlined, dim, struck).
import type { IBuffer, IBufferCell } from "@xterm/xterm";

type Colour = number | string | null;
type Run = [text: string, foreground: Colour, background: Colour, style: string];

const ROWS = 2000;

export function transcript(buffer: IBuffer): Run[][] {
  const rows: Run[][] = [];
  const cell = buffer.getNullCell();
  for (let y = Math.max(0, buffer.length - ROWS); y < buffer.length; y++) {
    const line = buffer.getLine(y);
    if (!line) continue;
    const row: Run[] = [];
    for (let x = 0; x < line.length; x++) {
      line.getCell(x, cell);
      if (cell.getWidth()) add(row, cell);
    }
    rows.push(trimmed(row));
  }
  while (rows.length && !rows[rows.length - 1].length) rows.pop();
  return rows;
}

function add(row: Run[], cell: IBufferCell): void {
  let [front, back] = [foreground(cell), background(cell)];
  if (cell.isInverse()) [front, back] = [back ?? "inverse", front ?? "inverse"];
  const style = styleOf(cell);
  const last = row[row.length - 1];
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

function foreground(cell: IBufferCell): Colour {
  if (cell.isFgDefault()) return null;
  return cell.isFgRGB() ? hex(cell.getFgColor()) : cell.getFgColor();
}

function background(cell: IBufferCell): Colour {
  if (cell.isBgDefault()) return null;
  return cell.isBgRGB() ? hex(cell.getBgColor()) : cell.getBgColor();
}

function hex(value: number): string {
  return `#${value.toString(16).padStart(6, "0")}`;
}

function trimmed(row: Run[]): Run[] {
  const last = row[row.length - 1];
  if (!last || last[2] !== null) return row;
  last[0] = last[0].trimEnd();
  if (!last[0]) row.pop();
  return row;
}
