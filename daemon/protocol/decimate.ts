/** Which points of a long curve must be drawn so that its picture stays the same. Shared by daemon and chart. Pure. */

export const bucketSpacings = ["linear", "log"] as const;
/** How bucket borders are spread over x: evenly, or evenly in log x for a logarithmic axis. */
export type BucketSpacing = (typeof bucketSpacings)[number];

/** First, lowest, highest and last point of a bucket, and its first gap. */
const pointsPerBucket = 5;

/**
 * M4 (Jugel et al. 2014): of every bucket of x the first, lowest, highest and last point are kept, so a line through
 * them covers the same pixels as the whole curve when buckets are no wider than a pixel.
 * @param xs increasing, positive where `spacing` is log
 * @param ys as many as `xs`; NaN is a gap, and the first gap of a bucket is kept
 * @returns increasing indices: all of them when there are at most `maxPoints`, else at most `maxPoints`
 */
export function decimate(
  xs: ArrayLike<number>,
  ys: ArrayLike<number>,
  maxPoints: number,
  spacing: BucketSpacing = "linear",
): number[] {
  const count = xs.length;
  if (count <= maxPoints) return Array.from({ length: count }, (_, index) => index);
  const place = spacing === "log" ? Math.log : (x: number) => x;
  const buckets = Math.max(1, Math.floor(maxPoints / pointsPerBucket));
  const start = place(xs[0] ?? 0);
  const perX = buckets / (place(xs[count - 1] ?? 0) - start);
  const kept: number[] = [];
  for (let from = 0; from < count; ) {
    const bucket = Math.min(buckets - 1, Math.floor((place(xs[from] ?? 0) - start) * perX));
    let to = from + 1;
    while (to < count && Math.min(buckets - 1, Math.floor((place(xs[to] ?? 0) - start) * perX)) === bucket) to++;
    keepBucket(ys, from, to, kept);
    from = to;
  }
  return kept;
}

/** Adds the points that stand for `from..to` (`to` excluded) to `kept`, in order and once each. */
function keepBucket(ys: ArrayLike<number>, from: number, to: number, kept: number[]): void {
  let low = -1;
  let high = -1;
  let gap = -1;
  for (let index = from; index < to; index++) {
    const y = ys[index] ?? Number.NaN;
    if (Number.isNaN(y)) {
      if (gap < 0) gap = index;
      continue;
    }
    if (low < 0 || y < (ys[low] ?? 0)) low = index;
    if (high < 0 || y > (ys[high] ?? 0)) high = index;
  }
  let previous = -1;
  for (const index of [from, low, high, gap, to - 1].sort((a, b) => a - b)) {
    if (index > previous) kept.push(index);
    previous = Math.max(previous, index);
  }
}
