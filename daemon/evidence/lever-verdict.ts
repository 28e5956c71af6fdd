/**
 * Does a claimed gain survive? Paired differences of the same seeds, a two-sided interval with what the looks cost, and
 * every verdict with its reasons. H0, "the gain is at least the claim", is refuted when the upper limit lies below it.
 */
import type { LeverVerdict } from "../protocol/experiments.ts";
import { good, type Outcome } from "../stats/outcome.ts";
import { minimumDetectableEffect, powerOfT, seedsNeeded } from "../stats/power.ts";
import { isRounding, mean, variance } from "../stats/sample.ts";
import { planLooks } from "../stats/spending.ts";
import { tUpperQuantile } from "../stats/student-t.ts";
import type { LeverRegistration } from "./lever-registration.ts";

export type Pair = LeverVerdict["pairs"][number];
export type Rules = Pick<LeverRegistration, "claim" | "seeds" | "looks" | "spending" | "alpha" | "power">;

/** Asked for more than this, no number of pairs would do. */
const mostPower = 0.9999;
/** Fewer pairs decide nothing. */
const leastPairs = 3;

/**
 * What this registration may use of alpha: who asks the same question k times has k chances of a lucky answer. By
 * Bonferroni the k-th one has a k-th of it, whatever became of the others.
 */
export function sharedAlpha({ alpha, hypotheses }: Pick<LeverRegistration, "alpha" | "hypotheses">): number {
  return alpha / hypotheses;
}

/** What else was registered on the same lever and arms, as reasons beside a verdict; none: nothing was. */
export function familyReasons(
  { alpha, hypotheses }: Pick<LeverRegistration, "alpha" | "hypotheses">,
  undecided: number,
): string[] {
  const share = `This was registration ${hypotheses} on this lever and configuration: alpha ${alpha} is divided by ${hypotheses}.`;
  const open =
    undecided === 1
      ? "1 other registration on them has no verdict: it was given up, or is still to be finished."
      : `${undecided} other registrations on them have no verdict: they were given up, or are still to be finished.`;
  return [...(hypotheses > 1 ? [share] : []), ...(undecided > 0 ? [open] : [])];
}

/** Level that each look may use on one side. @returns one for each look; refused where the looks do not ascend */
export function lookLevels({
  looks,
  seeds,
  spending,
  alpha,
}: Pick<Rules, "looks" | "seeds" | "spending" | "alpha">): Outcome<readonly number[]> {
  if (looks.length === 1) return good([alpha / 2]);
  const planned = planLooks(
    spending,
    alpha / 2,
    looks.map((pairs) => pairs / seeds.length),
  );
  return planned.ok ? good(planned.value.map(({ increment }) => increment)) : planned;
}

export interface Judged extends Omit<LeverVerdict, "verdict"> {
  /** Null: look again when more pairs are in. */
  readonly verdict: LeverVerdict["verdict"] | null;
}

/** @param look index of the look, from 0 @param sideAlpha of `lookLevels` @param pairs those that are in, in order of seeds */
export function judgeLever(rules: Rules, look: number, sideAlpha: number, pairs: readonly Pair[]): Judged {
  const isLast = look === rules.looks.length - 1;
  const nothing = { claim: rules.claim, gain: null, interval: null, level: null, pairs: [...pairs], deviation: null };
  const unknown = { ...nothing, minimumDetectableEffect: null, seedsNeeded: null, arms: null };
  const ended = endedEarly(pairs);
  if (ended !== null) return { ...unknown, ...ended };
  const gains = pairs.map(({ off, on }) => (off as number) - (on as number));
  if (gains.length > 0 && gains.every((gain) => gain === 0)) {
    return {
      ...unknown,
      verdict: "dead-lever",
      reasons: ["With and without the lever every seed ends at the same number."],
    };
  }
  if (gains.length < leastPairs) {
    const reason = `${gains.length} ${gains.length === 1 ? "pair decides" : "pairs decide"} nothing; at least ${leastPairs} are needed.`;
    const gain = gains.length === 0 ? null : mean(gains);
    return {
      ...unknown,
      gain,
      verdict: isLast ? "inconclusive" : null,
      reasons: [reason],
      seedsNeeded: isLast ? leastPairs : null,
    };
  }
  const gain = mean(gains);
  const deviation = Math.sqrt(variance(gains));
  const scale = Math.max(...pairs.flatMap(({ off, on }) => [Math.abs(off ?? 0), Math.abs(on ?? 0)]));
  if (isRounding(deviation, scale)) {
    const reason = "All seeds gave the same gain, so chance cannot be measured: the seeds do not reach the training.";
    return { ...unknown, gain, verdict: "invalid", reasons: [reason] };
  }
  const half = (tUpperQuantile(sideAlpha, gains.length - 1) * deviation) / Math.sqrt(gains.length);
  const interval = { low: gain - half, high: gain + half };
  const measured = {
    claim: rules.claim,
    gain,
    interval,
    level: 1 - 2 * sideAlpha,
    pairs: [...pairs],
    deviation,
    minimumDetectableEffect: minimumDetectableEffect(gains.length, sideAlpha, rules.power) * deviation,
    seedsNeeded: pairsForSurvival(rules.claim / deviation, rules),
    arms: null,
  };
  return { ...measured, ...decide(rules.claim, interval, isLast) };
}

/** A seed that did not come in as a number. */
function endedEarly(pairs: readonly Pair[]): Pick<Judged, "verdict" | "reasons"> | null {
  const baseline = pairs.filter(({ off }) => off === null).map(({ seed }) => seed);
  if (baseline.length > 0) {
    const reason = `Without the lever the loss stops being finite (seed ${baseline.join(", ")}): there is nothing to compare with.`;
    return { verdict: "invalid", reasons: [reason] };
  }
  const diverged = pairs.filter(({ on }) => on === null).map(({ seed }) => seed);
  if (diverged.length === 0) return null;
  const reason = `With the lever the loss stops being finite (seed ${diverged.join(", ")}), without it it does not.`;
  return { verdict: "refuted", reasons: [reason] };
}

function decide(
  claim: number,
  { low, high }: { low: number; high: number },
  isLast: boolean,
): Pick<Judged, "verdict" | "reasons"> {
  const upTo = `The gain is at most ${show(high)} BPB`;
  if (high < claim) {
    const rest =
      low > 0
        ? `there is a gain, but a smaller one: at least ${show(low)}.`
        : high < 0
          ? "the lever does harm."
          : "whether there is any gain stays open.";
    return { verdict: "refuted", reasons: [`${upTo}, less than the claimed ${show(claim)}.`, capital(rest)] };
  }
  // On the way a gain alone is no reason to stop: whether it is as large as claimed is what the other pairs tell.
  if (low > 0 && (isLast || low >= claim)) {
    const reason = `The gain is at least ${show(low)} BPB, and the claimed ${show(claim)} is not refuted.`;
    return { verdict: "survived", reasons: [reason] };
  }
  if (low > 0) {
    const reason = `There is a gain of at least ${show(low)} BPB; whether it is the claimed ${show(claim)} is not known yet.`;
    return { verdict: null, reasons: [reason] };
  }
  const reason = `Between ${show(low)} and ${show(high)} BPB both no gain and the claimed ${show(claim)} are possible.`;
  return { verdict: isLast ? "inconclusive" : null, reasons: [reason] };
}

const show = (value: number) => value.toFixed(4);
const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);

/** What an experiment can find, before it runs. BPB; the deviation is that of the pairs' gains. Too few pairs find nothing. */
export function expectedPower(
  { claim, seeds, alpha, power }: Pick<Rules, "claim" | "seeds" | "alpha" | "power">,
  deviation: number | null,
): { readonly expected: number | null; readonly largestDeviation: number; readonly seedsNeeded: number | null } {
  const pairs = seeds.length;
  const isKnown = deviation !== null && deviation > 0;
  const needed = isKnown ? pairsForSurvival(claim / deviation, { alpha, power }) : null;
  if (pairs < leastPairs) return { expected: 0, largestDeviation: 0, seedsNeeded: needed };
  return {
    // A true claim is refuted by chance with half of alpha.
    expected: isKnown ? Math.max(0, powerOfT(claim / deviation, pairs, alpha / 2) - alpha / 2) : null,
    largestDeviation: claim / minimumDetectableEffect(pairs, alpha / 2, Math.min(power + alpha / 2, mostPower)),
    seedsNeeded: needed,
  };
}

/**
 * Pairs with which a gain as large as the claim survives with the wanted power: it has to be seen, and it must not be
 * refuted by chance. @param effect the claim in deviations of the pairs' gains @returns null: more than a thousand, or the
 * effect is none
 */
export function pairsForSurvival(effect: number, { alpha, power }: Pick<Rules, "alpha" | "power">): number | null {
  const needed = seedsNeeded(effect, alpha / 2, Math.min(power + alpha / 2, mostPower));
  return needed === null ? null : Math.max(needed, leastPairs);
}
