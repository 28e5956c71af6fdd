/** Mean and spread of a sample. Sums are compensated (Neumaier), so that the order of the values does not matter. */

export function sum(values: readonly number[]): number {
  let total = 0;
  let rest = 0;
  // In a fixed order, so that the same values in any order give the same bits.
  for (const value of [...values].sort((a, b) => a - b)) {
    const next = total + value;
    rest += Math.abs(total) >= Math.abs(value) ? total - next + value : value - next + total;
    total = next;
  }
  return total + rest;
}

/** @param values at least one */
export function mean(values: readonly number[]): number {
  return sum(values) / values.length;
}

/** Whether a standard deviation is no more than rounding leaves of equal numbers of this size. */
export function isRounding(deviation: number, scale: number): boolean {
  return deviation <= scale * 1e-15;
}

/** Unbiased, n - 1 in the denominator. @param values at least two */
export function variance(values: readonly number[]): number {
  const centre = mean(values);
  const squares = sum(values.map((value) => (value - centre) ** 2));
  const drift = sum(values.map((value) => value - centre));
  return (squares - (drift * drift) / values.length) / (values.length - 1);
}
