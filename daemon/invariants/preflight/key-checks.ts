/** Checks about the values of keys: INV-2, 3, 4, 6, 8 and 9. */
import type { AssertionEntry } from "../model.ts";
import {
  checkBand,
  type GuardedRace,
  holds,
  notApplicable,
  type Possible,
  type Verdict,
  violated,
} from "./guarded-race.ts";
import { readBand, readList, readNumber } from "./numbers.ts";

export type Check = (race: GuardedRace, entry: AssertionEntry) => Verdict;

export const phi = (1 + Math.sqrt(5)) / 2;

/** The first violation; else what holds; else why none applies. */
function worst(verdicts: readonly Verdict[]): Verdict {
  const found = (outcome: Verdict["outcome"]) => verdicts.filter((verdict) => verdict.outcome === outcome);
  const [violation] = found("violated");
  if (violation !== undefined) return violation;
  const held = found("holds");
  const shown = held.length > 0 ? held : verdicts;
  const detail = shown.map((verdict) => verdict.detail).join(" ");
  return { ...(shown[0] ?? notApplicable("")), detail };
}

/** INV-2: the rule that kills by a threshold is not sharper, nor sooner, than proven. */
export const pruneCheck: Check = (race, { numbers }) => {
  const threshold = readNumber(numbers, ["threshold"], ["prune", "kill", "bpb"], 3.5);
  const warmup = readNumber(numbers, ["warmup", "warm", "steps"], ["up", "prune", "blind", "after", "step"], 4000);
  return worst([
    checkBand(race, "race.prune_above_bpb", [threshold, Number.POSITIVE_INFINITY]),
    checkBand(race, "race.prune_after_steps", [warmup, Number.POSITIVE_INFINITY]),
  ]);
};

/** INV-3: 9 bits of mantissa need a wide model. */
export const gf16Check: Check = (race, { numbers }) => {
  if (!canBeOn(race.values.get("levers.gf16"))) return notApplicable("No trial of the race computes in GF16.");
  const least = readNumber(numbers, ["width", "model", "hidden", "dmodel"], ["d", "gf16", "dim"], 256);
  return checkBand(race, "model.width", [least, Number.POSITIVE_INFINITY]);
};

/** INV-4: entropy in bits; the nine states of a cell allow up to log2(9) = 3.17. */
export const ncaCheck: Check = (race, { numbers }) => {
  if (!canBeOn(race.values.get("levers.nca"))) return notApplicable("No trial of the race has the NCA loss.");
  const band = readBand(numbers, ["nca", "entropy", "bits"], [1.5, 2.8]);
  const states = readNumber(numbers, ["k", "states"], ["nca"], 9);
  const cells = readNumber(numbers, ["grid", "cells"], ["nca", "size"], 81);
  return worst([
    checkBand(race, "levers.nca.entropy_low", band),
    checkBand(race, "levers.nca.entropy_high", band),
    checkBand(race, "levers.nca.states", [states, states]),
    checkBand(race, "levers.nca.cells", [cells, cells]),
  ]);
};

/** INV-6: an average that forgets faster is no longer one of many steps. */
export const emaCheck: Check = (race, { numbers }) => {
  if (!canBeOn(race.values.get("levers.ema"))) return notApplicable("No trial of the race averages its weights.");
  return checkBand(race, "levers.ema.decay", readBand(numbers, ["ema", "decay", "beta"], [0.996, 1]));
};

/** INV-8. */
export const lrCheck: Check = (race, { numbers }) =>
  checkBand(race, "optimizer.lr", readBand(numbers, ["lr", "learning", "rate", "peak"], [0.002, 0.007]));

/** A gain this near to a power of phi is meant as one (1.5 and 5 are not), and this near it is one. */
const meantWithin = 0.05;
const equalWithin = 0.001;

/** INV-9: a gain that is set as a power of phi is phi^2 or phi^3. */
export const qkGainCheck: Check = (race, { numbers }) => {
  const key = "levers.qk-gain.init";
  const possible = race.values.get(key);
  if (possible === undefined) return notApplicable("No trial of the race has the lever qk-gain.");
  const stated = readList(numbers, ["gains", "values", "allowed"], ["qk", "gain", "init", "phi"]);
  const allowed = stated ?? [phi ** 2, phi ** 3];
  const near = (value: number, target: number, share: number) => Math.abs(value / target - 1) <= share;
  const anchored = (possible.kind === "list" ? possible.values : []).filter(
    (value) => typeof value === "number" && [1, 2, 3, 4, 5].some((power) => near(value, phi ** power, meantWithin)),
  ) as number[];
  if (anchored.length === 0) return notApplicable(`${key} is not set to a power of phi.`);
  const wrong = anchored.find((value) => !allowed.some((target) => near(value, target, equalWithin)));
  const names = stated === null ? "phi^2 = 2.618 or phi^3 = 4.236" : allowed.join(" or ");
  if (wrong === undefined) return holds(`${key} is ${names}.`, key);
  return violated(
    `${key} ${possible.varies ? "can be" : "is"} ${wrong}, a power of phi but not ${names}.`,
    key,
    possible.varies,
  );
};

function canBeOn(lever: Possible | undefined): boolean {
  return lever?.kind === "list" && lever.values.includes(true);
}
