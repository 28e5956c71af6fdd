/** t tests on small samples: one sample, paired, and two samples of unequal variance (Welch 1947). */
import { bad, faultOf, good, type Outcome } from "./outcome.ts";
import { isRounding, mean, variance } from "./sample.ts";
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

/** Tests the mean against `mu0`. For differences of pairs `pairedT`: it knows how far the pairs were rounded. */
export function oneSampleT(values: readonly number[], mu0: number, alternative: Alternative): Outcome<TTest> {
  return testMean(values, mu0, alternative, largest(values));
}

/** Tests the mean of `a[i] - b[i]` against `difference`. */
export function pairedT(
  a: readonly number[],
  b: readonly number[],
  difference: number,
  alternative: Alternative,
): Outcome<TTest> {
  if (a.length !== b.length) return bad("unpaired", `${a.length} values stand against ${b.length}.`);
  const differences = a.map((value, i) => value - (b[i] ?? Number.NaN));
  // A difference carries the rounding of what it is made of: of a constant gain it leaves a spread that is none.
  return testMean(differences, difference, alternative, Math.max(largest(a), largest(b)));
}

/** @param scale size of the numbers that were rounded */
function testMean(values: readonly number[], mu0: number, alternative: Alternative, scale: number): Outcome<TTest> {
  const fault = faultOf([...values, mu0], 0) ?? faultOf(values, 2);
  if (fault !== null) return fault;
  const deviation = Math.sqrt(variance(values));
  if (isRounding(deviation, scale)) return noVariance;
  return testOf(mean(values), mu0, deviation / Math.sqrt(values.length), values.length - 1, alternative);
}

/** Tests `mean(a) - mean(b)` against 0, each sample with its own variance. */
export function welchT(a: readonly number[], b: readonly number[], alternative: Alternative): Outcome<TTest> {
  const fault = faultOf(a, 2) ?? faultOf(b, 2);
  if (fault !== null) return fault;
  const [da, db] = [Math.sqrt(variance(a)), Math.sqrt(variance(b))];
  if (isRounding(da, largest(a)) && isRounding(db, largest(b))) return noVariance;
  const [ea, eb] = [da / Math.sqrt(a.length), db / Math.sqrt(b.length)];
  const standardError = Math.hypot(ea, eb);
  // Shares of the variance: its fourth powers alone may under- or overflow.
  const [sa, sb] = [(ea / standardError) ** 2, (eb / standardError) ** 2];
  const df = 1 / (sa ** 2 / (a.length - 1) + sb ** 2 / (b.length - 1));
  return testOf(mean(a) - mean(b), 0, standardError, df, alternative);
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

const largest = (values: readonly number[]): number =>
  values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);

function testOf(
  estimate: number,
  against: number,
  standardError: number,
  df: number,
  alternative: Alternative,
): Outcome<TTest> {
  const statistic = (estimate - against) / standardError;
  if (![statistic, standardError, df].every(Number.isFinite)) return bad("not-finite", "The values are too large.");
  const p =
    alternative === "less"
      ? tCdf(statistic, df)
      : alternative === "greater"
        ? tSurvival(statistic, df)
        : Math.min(1, 2 * tCdf(-Math.abs(statistic), df));
  return good({ estimate, standardError, statistic, df, p });
}
