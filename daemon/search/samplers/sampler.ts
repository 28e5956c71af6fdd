import type { Point } from "./space.ts";

/** What a model-based sampler learns from. Random and grid ignore it. */
export interface Observation {
  readonly point: Point;
  readonly seed: number;
  readonly rung: number;
  readonly step: number;
  /** Null: failed or not finite. */
  readonly valBpb: number | null;
}

/** Where configurations come from. The i-th suggestion is a function of (race seed, i, history) only. */
export interface Sampler {
  /** Number of different suggestions; null: unlimited. */
  readonly size: number | null;
  /** The suggestion number `index`, from 0; null once `index` reaches `size`. */
  suggest(index: number, history: readonly Observation[]): Point | null;
}
