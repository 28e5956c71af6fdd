/** Distance in units of the expected value; absolute near zero. */
export function relativeError(value: number, expected: number): number {
  return Math.abs(value - expected) / Math.max(Math.abs(expected), 1e-300);
}
