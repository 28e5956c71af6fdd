/**
 * How far a backend may be from the f64 reference: |got - want| <= relative * max(|want|, rms(want), floor).
 * u32 outputs are always exact. One table for all backends.
 */
export interface Tolerance {
  readonly relative: number;
  /** Smallest magnitude that counts; 1 where inputs are standard normal and results may cancel. */
  readonly floor: number;
}

const DEFAULT: Tolerance = { relative: 4e-6, floor: 1 };

const TABLE: Readonly<Record<string, Tolerance>> = {
  // Sums of up to 600 products of normal numbers.
  matmul: { relative: 3e-5, floor: 1 },
  sum_rows: { relative: 2e-5, floor: 1 },
  broadcast_mul_gain: { relative: 1e-5, floor: 1 },
  rmsnorm_gain_backward: { relative: 1e-5, floor: 1 },
  embedding_backward: { relative: 1e-5, floor: 1 },
  // Exponentials of logits of magnitude 10 and sums over T.
  attention: { relative: 3e-5, floor: 1 },
  attention_backward: { relative: 1e-4, floor: 1 },
  // Scaled by 1/rows: measured against its own size.
  cross_entropy_backward: { relative: 1e-5, floor: 1e-3 },
};

export const toleranceOf = (kernel: string): Tolerance => TABLE[kernel] ?? DEFAULT;

/** First element that is out of tolerance, or -1. */
export function firstDeviation(got: ArrayLike<number>, want: ArrayLike<number>, tolerance: Tolerance): number {
  let squares = 0;
  for (let i = 0; i < want.length; i++) squares += (want[i] as number) ** 2;
  const scale = Math.max(Math.sqrt(squares / want.length), tolerance.floor);
  for (let i = 0; i < want.length; i++) {
    const limit = tolerance.relative * Math.max(Math.abs(want[i] as number), scale);
    // Written so that NaN is a deviation.
    if (!(Math.abs((got[i] as number) - (want[i] as number)) <= limit)) return i;
  }
  return -1;
}
