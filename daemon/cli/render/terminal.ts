/** Where a command writes: results to stdout, progress and messages to stderr, a live region when that is a terminal. */
import { commandSpeller, type NpmEnvironment } from "../command-text.ts";
import { cut, type Line, lineWidth, renderLine } from "./text.ts";

/** What of a Node stream is used; tests pass a plain object. */
export interface OutputStream {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
}

export interface ColorEnvironment {
  readonly NO_COLOR?: string | undefined;
  readonly FORCE_COLOR?: string | undefined;
  readonly TERM?: string | undefined;
}

/** NO_COLOR (no-color.org) wins over FORCE_COLOR, which wins over the kind of stream. */
export function wantsColor(stream: OutputStream, env: ColorEnvironment): boolean {
  if (env.NO_COLOR) return false;
  if (env.FORCE_COLOR) return env.FORCE_COLOR !== "0";
  return stream.isTTY === true && env.TERM !== "dumb";
}

const DEFAULT_COLUMNS = 80;
const DEFAULT_ROWS = 24;
const HIDE_CURSOR = "\u001b[?25l";
const SHOW_CURSOR = "\u001b[?25h";
const CLEAR_BELOW = "\u001b[J";

/** Writes whole lines, and below them a region that is drawn again and again. */
export class Terminal {
  readonly #stream: OutputStream;
  readonly #color: boolean;
  readonly #spell: (text: string) => string;
  /** True when the region can be redrawn; otherwise `draw` writes nothing. */
  readonly isLive: boolean;
  #drawn: readonly Line[] = [];

  constructor(stream: OutputStream, env: ColorEnvironment & NpmEnvironment) {
    this.#stream = stream;
    this.#color = wantsColor(stream, env);
    this.#spell = commandSpeller(env);
    this.isLive = stream.isTTY === true && env.TERM !== "dumb";
  }

  /** Columns of the terminal; null where lines need no limit. */
  get columns(): number | null {
    return this.#stream.isTTY === true ? this.#stream.columns || DEFAULT_COLUMNS : null;
  }

  get rows(): number {
    return this.#stream.rows || DEFAULT_ROWS;
  }

  /** Writes lines that stay, above the region. */
  print(...lines: readonly Line[]): void {
    const text = lines.map((line) => `${renderLine(this.#spelled(line), this.#color)}\n`).join("");
    this.#stream.write(this.#eraseRegion() + text + this.#region());
  }

  /** Replaces the region. */
  draw(lines: readonly Line[]): void {
    if (!this.isLive) return;
    const erase = this.#eraseRegion();
    const width = this.columns ?? DEFAULT_COLUMNS;
    const start = this.#drawn.length === 0 ? HIDE_CURSOR : "";
    this.#drawn = lines.map((line) => cut(this.#spelled(line), width));
    this.#stream.write(start + erase + this.#region());
  }

  /** Ends the region: its last state stays or goes. The cursor is visible again. */
  close(keep: boolean): void {
    if (this.#drawn.length === 0) return;
    this.#stream.write((keep ? "" : this.#eraseRegion()) + SHOW_CURSOR);
    this.#drawn = [];
  }

  #spelled(line: Line): Line {
    return line.map((part) =>
      typeof part === "string" ? this.#spell(part) : { ...part, text: this.#spell(part.text) },
    );
  }

  #region(): string {
    return this.#drawn.map((line) => `${renderLine(line, this.#color)}\n`).join("");
  }

  /** Moves up over the region. A terminal that became narrower has wrapped its lines. */
  #eraseRegion(): string {
    if (this.#drawn.length === 0) return "";
    const width = this.columns ?? DEFAULT_COLUMNS;
    const rows = this.#drawn.reduce((sum, line) => sum + Math.max(1, Math.ceil(lineWidth(line) / width)), 0);
    return `\u001b[${rows}F${CLEAR_BELOW}`;
  }
}
