/** Several hypotheses at once: p values that may be compared with the level of the whole family. */

/** Bonferroni: each p times the number of hypotheses, which is never less than there are p values. */
export function bonferroni(ps: readonly number[], hypotheses = ps.length): number[] {
  return ps.map((p) => Math.min(1, p * Math.max(hypotheses, ps.length)));
}

/** Holm 1979, step down: never larger than Bonferroni's, valid under any dependence. In the order of the input. */
export function holm(ps: readonly number[]): number[] {
  const order = ps.map((_, i) => i).sort((a, b) => (ps[a] ?? 0) - (ps[b] ?? 0));
  const adjusted = new Array<number>(ps.length).fill(0);
  let least = 0;
  for (const [rank, i] of order.entries()) {
    least = Math.max(least, Math.min(1, (ps[i] ?? 0) * (ps.length - rank)));
    adjusted[i] = least;
  }
  return adjusted;
}
