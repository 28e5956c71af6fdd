/** t tests on small samples: one sample, paired, and two samples of unequal variance (Welch 1947). */
import { bad, faultOf, good, type Outcome } from "./outcome.ts";
import { mean, variance } from "./sample.ts";
import { tCdf, tSurvival, tUpperQuantile } from "./student-t.ts";

/** `less`: the true value lies below the one that is tested against. */
export type Alternative = "less" | "greater" | "two-sided";

export interface TTest {
  /** In the unit of the values; for two samples the first mean minus the second. */
  readonly estimate: number;
  readonly standardError: number;
  readonly statistic: number;
  /** Degrees of freedom; not whole for Welch's test. */
  readonly df: number;
  readonly p: number;
}

/** Tests the mean against `mu0`. */
export function oneSampleT(values: readonly number[], mu0: number, alternative: Alternative): Outcome<TTest> {
  const fault = faultOf([...values, mu0], 0) ?? faultOf(values, 2);
  if (fault !== null) return fault;
  const spread = variance(values);
  if (isZero(spread, values)) return noVariance;
  const standardError = Math.sqrt(spread / values.length);
  return good(testOf(mean(values), mu0, standardError, values.length - 1, alternative));
}

/** Tests the mean of `a[i] - b[i]` against `difference`. */
export function pairedT(
  a: readonly number[],
  b: readonly number[],
  difference: number,
  alternative: Alternative,
): Outcome<TTest> {
  if (a.length !== b.length) return bad("unpaired", `${a.length} values stand against ${b.length}.`);
  return oneSampleT(
    a.map((value, i) => value - (b[i] ?? Number.NaN)),
    difference,
    alternative,
  );
}

/** Tests `mean(a) - mean(b)` against 0, each sample with its own variance. */
export function welchT(a: readonly number[], b: readonly number[], alternative: Alternative): Outcome<TTest> {
  const fault = faultOf(a, 2) ?? faultOf(b, 2);
  if (fault !== null) return fault;
  const [va, vb] = [variance(a) / a.length, variance(b) / b.length];
  if (isZero(va, a) && isZero(vb, b)) return noVariance;
  const df = (va + vb) ** 2 / (va ** 2 / (a.length - 1) + vb ** 2 / (b.length - 1));
  return good(testOf(mean(a) - mean(b), 0, Math.sqrt(va + vb), df, alternative));
}

/** Both limits of the interval that holds the true value with probability `level`. @param level in (0, 1) */
export function confidenceInterval(
  { estimate, standardError, df }: TTest,
  level: number,
): { readonly low: number; readonly high: number } {
  const reach = tUpperQuantile((1 - level) / 2, df) * standardError;
  return { low: estimate - reach, high: estimate + reach };
}

const noVariance = bad("no-variance", "All values are the same, so chance cannot be measured.");

/** What rounding leaves of equal values is no variance. */
function isZero(spread: number, values: readonly number[]): boolean {
  const scale = Math.max(...values.map(Math.abs));
  return spread <= (scale * 1e-15) ** 2;
}

function testOf(estimate: number, against: number, standardError: number, df: number, alternative: Alternative): TTest {
  const statistic = (estimate - against) / standardError;
  const p =
    alternative === "less"
      ? tCdf(statistic, df)
      : alternative === "greater"
        ? tSurvival(statistic, df)
        : Math.min(1, 2 * tCdf(-Math.abs(statistic), df));
  return { estimate, standardError, statistic, df, p };
}
