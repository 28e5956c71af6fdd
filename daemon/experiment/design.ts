/** What an experiment is going to be: arms, seeds, looks, cost and what it can find, before anything runs. */
import { type Arms, armSpec, armsOf } from "../config/arms.ts";
import { parseRaceFile } from "../config/parse.ts";
import type { RaceConfig } from "../config/race-config.ts";
import type { Splits } from "../data/splits.ts";
import { expectedPower, lookLevels, sharedAlpha } from "../evidence/lever-verdict.ts";
import type { Lever } from "../levers/lever.ts";
import { IglaError } from "../protocol/errors.ts";
import type { CorpusPin } from "../protocol/events.ts";
import type { ExperimentDesign } from "../protocol/experiments.ts";
import { lastRung } from "../search/ladder.ts";
import { type ArmCost, armCost } from "./cost.ts";
import { raceText } from "./race-text.ts";

export interface ExperimentWish {
  readonly lever: string;
  /** BPB, positive: what the lever is said to gain; absent: what its definition claims. */
  readonly claim?: number | undefined;
  /** Number of seeds, or the seeds themselves. */
  readonly seeds?: number | readonly number[] | undefined;
  /** Of the arm without the lever; absent: the last rung of the race file. */
  readonly steps?: number | undefined;
  readonly alpha?: number | undefined;
  readonly power?: number | undefined;
  readonly looks?: number | undefined;
  readonly equal?: "steps" | "flops" | "time" | undefined;
}

export interface Design {
  readonly arms: Arms<Lever>;
  readonly claim: number;
  readonly claimSource: string;
  readonly seeds: readonly number[];
  /** Pairs at each look. */
  readonly looks: readonly number[];
  readonly alpha: number;
  /** Registrations that share it; see `inFamily`. */
  readonly hypotheses: number;
  readonly power: number;
  readonly equal: "steps" | "flops" | "time";
  readonly steps: { readonly off: number; readonly on: number };
  readonly cost: { readonly off: ArmCost; readonly on: ArmCost };
}

/** Where a lever's definition states no gain, the smallest one that is worth having. BPB. */
export const smallestGain = 0.005;
const defaults = { seeds: 5, alpha: 0.01, power: 0.8 };
/** The first seed that is tried; those that the race file names took part in choosing and are left out. */
const firstSeed = 43;
/** Seeds have 32 bits. */
const largestSeed = 0xffffffff;

/** How the looks share alpha. */
export const spending = "obrien-fleming";

/** What a corpus must tell for a design. */
export interface CorpusSize {
  readonly bytes: number;
  readonly splits: Splits;
}

/**
 * @param speed steps of either arm in a second, for equal time; null: the steps are equal until it has been measured
 * @throws {IglaError} `experiment.bad-design` and what `armsOf` throws
 */
export function designExperiment(
  config: RaceConfig,
  catalogue: ReadonlyMap<string, Lever>,
  wish: ExperimentWish,
  corpus: CorpusSize,
  speed: { readonly off: number; readonly on: number } | null = null,
): Design {
  const arms = armsOf(config, wish.lever, catalogue);
  const steps = wish.steps ?? config.base.schedule.steps ?? config.ladder.rungs[lastRung(config.ladder)]?.steps ?? 0;
  const { warmup } = config.base.schedule;
  if (steps <= warmup)
    throw bad(`${steps} steps are no more than the warm-up of ${warmup}. Ask for more with --steps.`);
  const seeds = seedsOf(config, wish.seeds ?? defaults.seeds);
  const { claim, claimSource } = claimOf(arms.lever, wish.claim);
  const cost = costsOf(arms, steps, corpus);
  const equal = wish.equal ?? "steps";
  const on = stepsOn(steps, equal, cost, speed);
  if (on <= warmup) {
    throw bad(
      `At equal ${equal} ${arms.lever.id} has ${on} steps, no more than the warm-up of ${warmup}. Ask for more with --steps.`,
    );
  }
  refuseUnreadable(arms, catalogue, { off: steps, on });
  const alpha = level(wish.alpha ?? defaults.alpha, 0.5, "alpha");
  return {
    arms,
    claim,
    claimSource,
    seeds,
    looks: looksOf(seeds, alpha, wish.looks),
    alpha,
    hypotheses: 1,
    power: level(wish.power ?? defaults.power, 1, "power"),
    equal,
    steps: { off: steps, on },
    cost,
  };
}

/**
 * The same design as one of several on its lever and arms.
 * @throws {IglaError} `experiment.bad-design`: its looks leave too little of alpha
 */
export function inFamily(design: Design, hypotheses: number): Design {
  const { seeds, looks, alpha } = design;
  const levels = lookLevels({
    seeds: [...seeds],
    looks: [...looks],
    spending,
    alpha: sharedAlpha({ alpha, hypotheses }),
  });
  if (levels.ok) return { ...design, hypotheses };
  throw bad(
    `${looks.length} looks at ${seeds.length} seeds are too many for registration ${hypotheses} on this lever and configuration: ${levels.message}`,
  );
}

/** The file's own values may make no trial where its space varies them: found out before anything is registered. */
function refuseUnreadable(arms: Arms<Lever>, catalogue: ReadonlyMap<string, Lever>, steps: Design["steps"]): void {
  for (const arm of ["off", "on"] as const) {
    const race = { name: arm, base: arms[arm], toggled: null, seeds: [firstSeed], steps: steps[arm] };
    const text = raceText({ ...race, reportEvery: 1, checkpointEverySec: 1, lanes: null });
    const parsed = parseRaceFile(text, arm, catalogue);
    if (parsed.ok) continue;
    const [first] = parsed.errors;
    const what = `The values outside of [space] make no trial: ${first?.message}`;
    throw bad(`${what}${first?.expected == null ? "." : `; expected ${first.expected}.`}`);
  }
}

function costsOf(arms: Arms<Lever>, steps: number, { splits, bytes }: CorpusSize): Design["cost"] {
  try {
    const of = (base: Arms<Lever>["off"]) => armCost(armSpec(base, firstSeed, steps), splits, bytes);
    return { off: of(arms.off), on: of(arms.on) };
  } catch (error) {
    throw bad(`${arms.lever.id} does not fit this model: ${(error as Error).message}`);
  }
}

function stepsOn(
  steps: number,
  equal: Design["equal"],
  cost: Design["cost"],
  speed: { off: number; on: number } | null,
): number {
  if (equal === "flops") return Math.max(1, Math.round((steps * cost.off.flopsPerStep) / cost.on.flopsPerStep));
  if (equal === "time" && speed !== null) return Math.max(1, Math.round((steps * speed.on) / speed.off));
  return steps;
}

function seedsOf(config: RaceConfig, wanted: number | readonly number[]): readonly number[] {
  const used = new Set([config.seed, ...config.seeds]);
  if (typeof wanted !== "number") {
    const chosen = wanted.find((seed) => used.has(seed));
    const odd = wanted.find((seed) => !Number.isInteger(seed) || seed < 0 || seed > largestSeed);
    if (odd !== undefined) throw bad(`${odd} is no seed: seeds are whole numbers from 0 to ${largestSeed}.`);
    if (new Set(wanted).size < wanted.length) throw bad("A seed is named twice.");
    if (wanted.length === 0) throw bad("No seed is named.");
    if (chosen === undefined) return wanted;
    throw bad(
      `Seed ${chosen} is one of the race file: it took part in choosing the configuration and cannot confirm it.`,
    );
  }
  if (!Number.isInteger(wanted) || wanted < 1 || wanted > 1000)
    throw bad(`${wanted} is no number of seeds from 1 to 1000.`);
  const seeds: number[] = [];
  for (let seed = firstSeed; seeds.length < wanted; seed += 1) if (!used.has(seed)) seeds.push(seed);
  return seeds;
}

function claimOf(lever: Lever, wanted: number | undefined): Pick<Design, "claim" | "claimSource"> {
  if (wanted !== undefined) {
    // A claim is often written as what it does to the metric: -0.02.
    const claim = Math.abs(wanted);
    if (!Number.isFinite(claim) || claim === 0) throw bad("A claim is a number of bits per byte other than 0.");
    return { claim, claimSource: "named when the experiment was started" };
  }
  const stated = lever.claimedDeltaBpb;
  if (stated !== null && stated < 0) return { claim: -stated, claimSource: lever.source };
  return { claim: smallestGain, claimSource: "no gain is claimed; this is the smallest one worth having" };
}

/** Half of the pairs, then all: with fewer than six one look is all there is. */
function looksOf(seeds: readonly number[], alpha: number, wanted: number | undefined): readonly number[] {
  const pairs = seeds.length;
  const count = wanted ?? (pairs >= 6 ? 2 : 1);
  if (!Number.isInteger(count) || count < 1 || count > pairs)
    throw bad(`${count} looks at ${pairs} seeds are not possible.`);
  const looks = Array.from({ length: count }, (_, i) => Math.ceil((pairs * (i + 1)) / count));
  const levels = lookLevels({ seeds: [...seeds], looks, spending, alpha });
  if (!levels.ok) throw bad(`${count} looks at ${pairs} seeds are too many: ${levels.message}`);
  return looks;
}

function level(value: number, below: number, name: string): number {
  if (value > 0 && value < below) return value;
  throw bad(`${name} has to lie between 0 and ${below}.`);
}

function bad(detail: string): IglaError {
  return new IglaError("experiment.bad-design", detail);
}

export interface Experience {
  /** Of the pairs' gains, BPB; null: not known. */
  readonly deviation: number | null;
  /** Of one trial; null: not known. */
  readonly stepsPerSec: number | null;
  /** Other registrations on the lever and the arms that have no verdict. */
  readonly undecided: number;
}

export function describeDesign(
  design: Design,
  corpus: CorpusPin,
  { deviation, stepsPerSec, undecided }: Experience,
): ExperimentDesign {
  const { arms, seeds, steps, cost } = design;
  const { expected, largestDeviation, seedsNeeded } = expectedPower(
    { ...design, seeds: [...design.seeds], alpha: sharedAlpha(design) },
    deviation,
  );
  const totalSteps = seeds.length * (steps.off + steps.on);
  return {
    lever: arms.lever.id,
    title: arms.lever.title,
    claim: design.claim,
    claimSource: design.claimSource,
    corpus,
    seeds: [...seeds],
    looks: [...design.looks],
    alpha: design.alpha,
    hypotheses: design.hypotheses,
    undecided,
    power: design.power,
    arms: {
      off: { ...cost.off, steps: steps.off, seconds: null },
      on: { ...cost.on, steps: steps.on, seconds: null },
    },
    totalSteps,
    estimatedSeconds: stepsPerSec === null || stepsPerSec <= 0 ? null : totalSteps / stepsPerSec,
    knownDeviation: deviation,
    expectedPower: expected,
    largestDeviation,
    seedsNeeded,
  };
}
