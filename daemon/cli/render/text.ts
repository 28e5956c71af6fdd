/** Lines of styled text. Styles are applied after cutting to a width, so that no escape code is ever cut. */
import pc from "picocolors";

export type Style = "bold" | "dim" | "red" | "green" | "yellow" | "cyan";

export interface Styled {
  readonly text: string;
  readonly style: Style;
}

export type Segment = string | Styled;
/** One line, without a line break. */
export type Line = readonly Segment[];

export function styled(style: Style, text: string): Styled {
  return { text, style };
}

export function plain(segment: Segment): string {
  return typeof segment === "string" ? segment : segment.text;
}

export function lineWidth(line: Line): number {
  return line.reduce((width, segment) => width + plain(segment).length, 0);
}

/** Cuts a line to `width` columns; an ellipsis shows that something is missing. */
export function cut(line: Line, width: number): Line {
  if (lineWidth(line) <= width) return line;
  const kept: Segment[] = [];
  let left = Math.max(0, width - 1);
  for (const segment of line) {
    const text = plain(segment).slice(0, left);
    left -= text.length;
    if (text !== "") kept.push(typeof segment === "string" ? text : { ...segment, text });
  }
  return width > 0 ? [...kept, "…"] : [];
}

/** The characters to write; `color` false gives plain text. */
export function renderLine(line: Line, color: boolean): string {
  const colors = pc.createColors(color);
  return line.map((segment) => (typeof segment === "string" ? segment : colors[segment.style](segment.text))).join("");
}
