/** Tables for a terminal: columns as wide as their content; where the width does not suffice, the last ones go. */
import { cut, type Line, lineWidth, plain, type Segment, styled } from "./text.ts";

export interface Column<Row> {
  readonly title: string;
  readonly align: "left" | "right";
  readonly cell: (row: Row) => Segment;
}

const GAP = 2;
/** A left-aligned last column may be cut down to this many characters before it is left out. */
const LEAST_WIDTH = 8;

/** Header and one line per row, each at most `width` columns. */
export function renderTable<Row>(columns: readonly Column<Row>[], rows: readonly Row[], width: number): Line[] {
  const cells = rows.map((row) => columns.map((column) => column.cell(row)));
  const widths = columns.map((column, i) =>
    Math.max(column.title.length, ...cells.map((line) => plain(line[i] ?? "").length)),
  );
  const count = fittingColumns(widths, columns, width);
  const layOut = (line: readonly Segment[]): Line =>
    line.slice(0, count).flatMap((segment, i) => {
      const column = columns[i] as Column<Row>;
      const last = i === count - 1;
      const padding = " ".repeat(Math.max(0, (widths[i] as number) - plain(segment).length));
      const parts: Segment[] = column.align === "right" ? [padding, segment] : last ? [segment] : [segment, padding];
      return last ? parts : [...parts, " ".repeat(GAP)];
    });
  const header = layOut(columns.map((column) => styled("dim", column.title)));
  return [header, ...cells.map(layOut)].map((line) => (lineWidth(line) > width ? cut(line, width) : line));
}

function fittingColumns<Row>(widths: readonly number[], columns: readonly Column<Row>[], width: number): number {
  let used = 0;
  for (const [i, columnWidth] of widths.entries()) {
    const least = columns[i]?.align === "left" ? Math.min(columnWidth, LEAST_WIDTH) : columnWidth;
    if (i > 0 && used + GAP + least > width) return i;
    used += columnWidth + (i > 0 ? GAP : 0);
  }
  return widths.length;
}
