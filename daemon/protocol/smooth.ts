/** Exponential moving average of a curve, continued by the chart where the daemon's answer ends. Pure. */

/** `weight`: share of the average that comes from the curve, and not from its start at zero. */
export interface EmaState {
  readonly mean: number;
  readonly weight: number;
}

export const emptyEma: EmaState = { mean: 0, weight: 0 };

/**
 * The state after one more value; a gap (NaN) changes nothing.
 * @param smoothing share of the old average that stays, 0 <= smoothing < 1; 0 gives the value itself
 */
export function advanceEma(state: EmaState, value: number, smoothing: number): EmaState {
  if (Number.isNaN(value)) return state;
  const mean = smoothing * state.mean + (1 - smoothing) * value;
  return { mean, weight: smoothing * state.weight + (1 - smoothing) };
}

/** The average without the pull towards zero at the start (Kingma & Ba 2015, section 3); NaN before the first value. */
export function emaValue({ mean, weight }: EmaState): number {
  return weight === 0 ? Number.NaN : mean / weight;
}

/** The smoothed curve, gaps where the curve has them, and the state to go on from. */
export function smoothCurve(
  values: ArrayLike<number>,
  smoothing: number,
): { readonly smoothed: Float64Array; readonly state: EmaState } {
  const smoothed = new Float64Array(values.length);
  let state = emptyEma;
  for (let index = 0; index < values.length; index++) {
    const value = values[index] ?? Number.NaN;
    state = advanceEma(state, value, smoothing);
    smoothed[index] = Number.isNaN(value) ? Number.NaN : emaValue(state);
  }
  return { smoothed, state };
}
