/** What a statistic is, or why there is none. Numbers that mean nothing are never handed on as NaN. */

export type StatsErrorCode =
  /** Fewer values than the method needs. */
  | "too-few"
  /** A value is infinite or no number. */
  | "not-finite"
  /** All values are the same: there is nothing to measure chance by. */
  | "no-variance"
  /** Lists that belong together have different lengths. */
  | "unpaired"
  /** A level, a number of resamples or a plan of looks that means nothing. */
  | "bad-argument";

export type Outcome<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly code: StatsErrorCode; readonly message: string };

export function good<T>(value: T): Outcome<T> {
  return { ok: true, value };
}

export function bad(code: StatsErrorCode, message: string): Outcome<never> {
  return { ok: false, code, message };
}

/** Null: nothing is wrong with the sample. */
export function faultOf(values: readonly number[], least: number): Outcome<never> | null {
  if (!values.every(Number.isFinite)) return bad("not-finite", "A value is not a finite number.");
  return values.length < least ? bad("too-few", `${values.length} values; at least ${least} are needed.`) : null;
}
