/** A stream that remembers what was written. */
export class FakeStream {
  text = "";
  readonly isTTY?: boolean;
  columns?: number;
  rows?: number;

  constructor(kind: { isTTY?: boolean; columns?: number; rows?: number }) {
    if (kind.isTTY !== undefined) this.isTTY = kind.isTTY;
    if (kind.columns !== undefined) this.columns = kind.columns;
    if (kind.rows !== undefined) this.rows = kind.rows;
  }

  write(text: string): void {
    this.text += text;
  }
}

const ESCAPE = String.fromCharCode(27);
const TOKEN = new RegExp(`${ESCAPE}\\[[0-9;?]*[A-Za-z]|[\\s\\S]`, "g");
const UP = new RegExp(`^${ESCAPE}\\[(\\d+)F$`);

/** What a terminal of this width shows: knows the few escape sequences that the CLI uses. Trailing blanks are cut. */
export function screenOf(text: string, columns: number): string[] {
  const rows: string[] = [""];
  let [row, column] = [0, 0];
  for (const [token] of text.matchAll(TOKEN)) {
    const up = UP.exec(token);
    if (up) [row, column] = [Math.max(0, row - Number(up[1])), 0];
    else if (token === "\u001b[J") rows.splice(row, rows.length, (rows[row] ?? "").slice(0, column));
    else if (token === "\n") [row, column] = [row + 1, 0];
    else if (!token.startsWith("\u001b")) {
      if (column === columns) [row, column] = [row + 1, 0];
      rows[row] = (rows[row] ?? "").padEnd(column).slice(0, column) + token + (rows[row] ?? "").slice(column + 1);
      column++;
    }
    while (rows.length <= row) rows.push("");
  }
  const lines = rows.map((line) => line.trimEnd());
  while (lines.at(-1) === "") lines.pop();
  return lines;
}
