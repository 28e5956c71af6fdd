/** One curve in the chart's memory: what the daemon gave, and the points that came since. */
import { advanceEma, type EmaState, emaValue } from "../../../daemon/protocol/smooth.ts";
import { bitsPerByte } from "./format.ts";
import type { CurveFacts, FreshPoints, XAxis } from "./messages.ts";

export class CurveLine {
  readonly steps: number[];
  /** Training loss in bits per byte, smoothed as asked; NaN is a gap. */
  readonly bpb: number[];
  readonly tokensPerStep: number;
  readonly split: string;
  readonly protocol: string;
  /** Points that the daemon kept of the range when it was asked, and how many it had. */
  readonly isExact: boolean;
  readonly #atMs: number[];
  readonly #smoothing: number;
  /** False for a part of a curve that does not reach its end: later points do not belong to it. */
  readonly #isOpen: boolean;
  #ema: EmaState;
  #tokens: number[] | null = null;
  #seconds: { readonly since: number; readonly values: number[] } | null = null;

  constructor(facts: CurveFacts, smoothing: number) {
    this.steps = [...facts.steps];
    this.bpb = facts.lossNats.map((loss) => (loss === null ? Number.NaN : bitsPerByte(loss)));
    this.#atMs = [...facts.atMs];
    this.tokensPerStep = facts.tokensPerStep;
    this.split = facts.split;
    this.protocol = facts.protocol;
    this.isExact = facts.rangePoints === facts.steps.length;
    this.#isOpen = facts.lastStep === (facts.steps.at(-1) ?? 0);
    this.#smoothing = smoothing;
    this.#ema = facts.ema;
  }

  get lastStep(): number {
    return this.steps.at(-1) ?? 0;
  }
  get lastBpb(): number | null {
    const last = this.bpb.findLast((value) => !Number.isNaN(value));
    return last ?? null;
  }

  /** Adds points that come after the last one; the others are known already. Returns how many were new. */
  append({ steps, lossNats, atMs }: FreshPoints): number {
    if (!this.#isOpen) return 0;
    let added = 0;
    for (const [index, step] of steps.entries()) {
      if (step <= this.lastStep) continue;
      const loss = lossNats[index] ?? Number.NaN;
      this.#ema = advanceEma(this.#ema, loss, this.#smoothing);
      this.steps.push(step);
      this.bpb.push(Number.isNaN(loss) ? Number.NaN : bitsPerByte(emaValue(this.#ema)));
      this.#atMs.push(atMs);
      added++;
    }
    return added;
  }

  /**
   * Places on the x axis, as many as points: steps, tokens seen, or seconds since `startMs`.
   * Computed once and extended when points come.
   */
  xs(axis: XAxis, startMs: number): readonly number[] {
    if (axis === "steps") return this.steps;
    if (axis === "tokens") {
      this.#tokens ??= [];
      for (let i = this.#tokens.length; i < this.steps.length; i++) {
        this.#tokens.push((this.steps[i] ?? 0) * this.tokensPerStep);
      }
      return this.#tokens;
    }
    if (this.#seconds?.since !== startMs) this.#seconds = { since: startMs, values: [] };
    const { values } = this.#seconds;
    for (let i = values.length; i < this.steps.length; i++) values.push(((this.#atMs[i] ?? 0) - startMs) / 1000);
    return values;
  }

  /** Seconds from `startMs` to the recording of the first point at or after `step`; of the last point after the end. */
  secondsAt(step: number, startMs: number): number | null {
    if (this.steps.length === 0) return null;
    const at = this.#atMs[Math.min(firstAtLeast(this.steps, step), this.steps.length - 1)] ?? startMs;
    return (at - startMs) / 1000;
  }
}

/** Index of the first value that is not below `limit`; the length when all are. `values` increase. */
export function firstAtLeast(values: readonly number[], limit: number): number {
  let low = 0;
  let high = values.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((values[middle] ?? 0) < limit) low = middle + 1;
    else high = middle;
  }
  return low;
}
