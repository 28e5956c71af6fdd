import type { LeverSettings } from "../../protocol/trial.ts";

/** A sampled value: a number, a name, a lever on or off, or a lever on with these settings. */
export type PointValue = number | string | boolean | LeverSettings;

/** `points`: how many values the grid takes from a range; null: all of an integer range, and no grid over a real one. */
export type Domain =
  | { readonly kind: "log"; readonly low: number; readonly high: number; readonly points: number | null }
  | { readonly kind: "uniform"; readonly low: number; readonly high: number; readonly points: number | null }
  /** Both bounds belong to the range. */
  | { readonly kind: "int"; readonly low: number; readonly high: number; readonly points: number | null }
  | { readonly kind: "choice"; readonly values: readonly PointValue[] };

export interface Dimension {
  /** Dotted path of the key, as "optimizer.lr". */
  readonly path: string;
  readonly domain: Domain;
}

export type Space = readonly Dimension[];

/** One value per dimension, by path. */
export type Point = Readonly<Record<string, PointValue>>;

/** Values carry 6 significant digits: short enough to be typed into a file, which then gives the same trial. */
export function roundValue(value: number): number {
  return Number(value.toPrecision(6));
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value));
}

/** The value at `u` in [0, 1) of a domain; at `u` in [0, 1] of a log or uniform one. */
export function valueAt(domain: Domain, u: number): PointValue {
  switch (domain.kind) {
    case "log": {
      const low = Math.log(domain.low);
      return clamp(roundValue(Math.exp(low + u * (Math.log(domain.high) - low))), domain.low, domain.high);
    }
    case "uniform":
      return clamp(roundValue(domain.low + u * (domain.high - domain.low)), domain.low, domain.high);
    case "int":
      return domain.low + Math.floor(u * (domain.high - domain.low + 1));
    case "choice": {
      const value = domain.values[Math.floor(u * domain.values.length)];
      if (value === undefined) throw new RangeError(`no choice at ${u} of ${domain.values.length}`);
      return value;
    }
  }
}

/** Number of values that the grid takes from a domain; null when it has no finite grid. */
export function gridPoints(domain: Domain): number | null {
  if (domain.kind === "choice") return domain.values.length;
  const all = domain.kind === "int" ? domain.high - domain.low + 1 : null;
  return all === null ? domain.points : Math.min(all, domain.points ?? all);
}

/** The k-th of `gridPoints(domain)` values: both bounds and equal spacing between them (in the logarithm for `log`). */
export function gridValue(domain: Domain, k: number): PointValue {
  const points = gridPoints(domain);
  if (points === null || k < 0 || k >= points) throw new RangeError(`the grid has no point ${k}`);
  if (domain.kind === "choice") return domain.values[k] as PointValue;
  const u = points === 1 ? 0.5 : k / (points - 1);
  if (domain.kind === "int") return domain.low + Math.round(u * (domain.high - domain.low));
  return valueAt(domain, u);
}

/** The domain without the grid's thinning: every value that can be drawn. */
export function fullDomain(domain: Domain): Domain {
  return domain.kind === "choice" ? domain : { ...domain, points: null };
}
