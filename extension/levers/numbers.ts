/** Numbers of experiments as the editor shows them. A change is what a lever does to BPB: negative is better. Pure. */
import type { Experiment, ExperimentDesign, LeverVerdict } from "../../daemon/protocol/experiments.ts";
import type { Translate } from "../translate.ts";

/** `−0.0042`, `+0.0010`: with a sign that is as wide as the plus. */
export function formatChange(change: number): string {
  const text = Math.abs(change).toFixed(4);
  return Number(text) === 0 ? text : `${change < 0 ? "\u2212" : "+"}${text}`;
}

/** `−0.0042 [−0.0060, −0.0024]`; null where nothing was measured. */
export function measuredChange({ gain, interval }: Pick<LeverVerdict, "gain" | "interval">): string | null {
  if (gain === null) return null;
  if (interval === null) return formatChange(-gain);
  return `${formatChange(-gain)} [${formatChange(-interval.high)}, ${formatChange(-interval.low)}]`;
}

/** `0.31 TFLOP`. */
export function formatFlops(flops: number): string {
  const units = ["", "k", "M", "G", "T", "P", "E"];
  const order = flops < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(flops) / 3));
  return `${Number((flops / 1000 ** order).toPrecision(3))} ${units[order]}FLOP`;
}

/** In percent. Never rounded up: an early look is close to 100 %, and is not. */
export function formatLevel(level: number): string {
  return String(Number((Math.floor(level * 1e6) / 1e4).toFixed(4)));
}

/** Of all trials of both arms; the two short trials that look whether the lever acts are left out. */
export function totalFlops({ arms, seeds }: Pick<ExperimentDesign, "arms" | "seeds">): { off: number; on: number } {
  const of = ({ flopsPerStep, steps }: ExperimentDesign["arms"]["off"]) => flopsPerStep * steps * seeds.length;
  return { off: of(arms.off), on: of(arms.on) };
}

export function formatSeconds(seconds: number, t: Translate): string {
  if (seconds < 99.5) return t("{0} s", Math.max(1, Math.round(seconds)));
  if (seconds < 5970) return t("{0} min", Math.round(seconds / 60));
  return t("{0} h", Number((seconds / 3600).toFixed(1)));
}

/** `43-47`; `43, 45, 50` where they do not follow each other. */
export function formatSeeds(seeds: readonly number[]): string {
  const [first] = seeds;
  if (first === undefined || seeds.length < 3) return seeds.join(", ");
  const follow = seeds.every((seed, i) => seed === first + i);
  return follow ? `${first}\u2013${seeds.at(-1)}` : seeds.join(", ");
}

const ages: readonly [Intl.RelativeTimeFormatUnit, number][] = [
  ["year", 365 * 24 * 3600],
  ["month", 30 * 24 * 3600],
  ["day", 24 * 3600],
  ["hour", 3600],
  ["minute", 60],
];

/** `2 days ago` in the editor's language. @param language BCP 47 @param now milliseconds since 1970 */
export function formatAge(ts: string, language: string, now: number): string {
  const seconds = Math.max(0, (now - Date.parse(ts)) / 1000);
  const format = new Intl.RelativeTimeFormat(language, { numeric: "auto" });
  const [unit, length] = ages.find(([, one]) => seconds >= one) ?? ["second", Number.POSITIVE_INFINITY];
  return format.format(-Math.floor(seconds / length), unit);
}

/** Whole percent of the steps that are done. */
export function percentDone({ doneSteps, totalSteps }: Pick<Experiment, "doneSteps" | "totalSteps">): number {
  return totalSteps === 0 ? 0 : Math.min(100, Math.floor((100 * doneSteps) / totalSteps));
}
