/** What is wrong with a race file, and where. */

/** Lines and columns count from 1, columns in UTF-16 units as editors count them; the end is exclusive. */
export interface Span {
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
}

export type ConfigErrorCode =
  | "toml.syntax"
  | "toml.duplicate-key"
  | "config.unknown-key"
  | "config.missing-key"
  | "config.wrong-type"
  | "config.out-of-range"
  | "config.invalid-value"
  | "model.heads-width"
  | "model.odd-head-dim"
  | "model.kv-heads"
  | "data.stride-context"
  | "schedule.warmup"
  | "race.ladder"
  | "race.breaks-preset"
  | "race.prune-refused"
  | "race.small-budget"
  | "race.no-grid"
  | "lever.unknown"
  | "lever.group-conflict"
  | "space.unknown-path"
  | "space.fixed-path"
  | "space.bad-domain"
  | "space.empty-choice"
  | "space.bad-range"
  | "space.bad-value"
  | "space.lever-off"
  | "space.too-large";

export interface ConfigError extends Span {
  readonly code: ConfigErrorCode;
  readonly file: string;
  /** Dotted path of the key at fault; empty for an error of syntax. */
  readonly path: string;
  readonly message: string;
  /** What belongs there; null when the message says it all. */
  readonly expected: string | null;
  /** The nearest valid name, if one is near. */
  readonly suggestion: string | null;
}

export interface ErrorDetail {
  readonly expected?: string | null;
  readonly suggestion?: string | null;
}

/** Collects the errors of one file. */
export class ErrorList {
  readonly file: string;
  readonly #errors: ConfigError[] = [];

  constructor(file: string) {
    this.file = file;
  }

  add(code: ConfigErrorCode, at: Span, path: string, message: string, detail: ErrorDetail = {}): void {
    const { line, column, endLine, endColumn } = at;
    const { expected = null, suggestion = null } = detail;
    const { file } = this;
    this.#errors.push({ code, file, line, column, endLine, endColumn, path, message, expected, suggestion });
  }

  get count(): number {
    return this.#errors.length;
  }

  /** All errors, sorted by position. */
  sorted(): ConfigError[] {
    return this.#errors.toSorted((a, b) => a.line - b.line || a.column - b.column);
  }
}

/**
 * The error as text for a terminal:
 * ```
 * race.igla.toml:12:1: optimizer.learning_rate is not a known key
 *   12 | learning_rate = 0.003
 *      | ^^^^^^^^^^^^^
 *   expected: one of name, lr, ...
 *   did you mean optimizer.lr?
 * ```
 * @param sourceText the text that was parsed
 */
export function formatConfigError(error: ConfigError, sourceText: string): string {
  const source = sourceText.replace(/^\ufeff/, "").split(/\r?\n/)[error.line - 1] ?? "";
  const lines = [`${error.file}:${error.line}:${error.column}: ${error.message}`];
  if (source.trim() !== "") {
    const number = String(error.line);
    const end = error.endLine === error.line ? error.endColumn : source.length + 1;
    // Tabs stay tabs under the source line, so that the carets stand below what they mean.
    const indent = source.slice(0, error.column - 1).replace(/[^\t]/g, " ");
    const carets = "^".repeat(Math.max(1, Math.min(end, source.length + 1) - error.column));
    lines.push(`  ${number} | ${source}`, `  ${" ".repeat(number.length)} | ${indent}${carets}`);
  }
  if (error.expected !== null) lines.push(`  expected: ${error.expected}`);
  if (error.suggestion !== null) lines.push(`  did you mean ${error.suggestion}?`);
  return lines.join("\n");
}
