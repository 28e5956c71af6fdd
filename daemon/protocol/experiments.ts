/** An experiment that tries to refute a lever: its design, its course and its verdict. */
import * as z from "zod";
import { corpusPinSchema } from "./events.ts";

const natural = z.number().int().min(0);
const count = z.number().int().positive();

/**
 * `refuted`: the gain lies below the claim. `survived`: it does not, and there is a gain. `inconclusive`: too few seeds to
 * tell. `dead-lever`: the flag changes nothing, or its parameters never move. `invalid`: a gate failed.
 */
export const leverVerdicts = ["refuted", "survived", "inconclusive", "dead-lever", "invalid"] as const;
export type LeverVerdictKind = (typeof leverVerdicts)[number];

export const equalities = ["steps", "flops", "time"] as const;

/** Cost of one trial of an arm. */
export const armSchema = z.strictObject({
  parameters: natural,
  steps: count,
  /** Floating-point operations of the matrix products of one training step, forward and backward. */
  flopsPerStep: z.number().min(0),
  /** Wall seconds of one trial, measured; null: not measured yet. */
  seconds: z.number().min(0).nullable(),
});

export const pairSchema = z.strictObject({
  seed: natural,
  /** Validation BPB; null: the loss stopped being finite. */
  off: z.number().nullable(),
  on: z.number().nullable(),
});

/** BPB; positive numbers are gains of the lever. */
export const intervalSchema = z.strictObject({ low: z.number(), high: z.number() });

export const leverVerdictSchema = z.strictObject({
  verdict: z.enum(leverVerdicts),
  /** Why, in words; the first one is the headline. */
  reasons: z.array(z.string()).min(1),
  claim: z.number().min(0),
  /** Mean gain; null: nothing was measured. */
  gain: z.number().nullable(),
  interval: intervalSchema.nullable(),
  /** Confidence level of the interval, with what the looks cost. */
  level: z.number().nullable(),
  pairs: z.array(pairSchema),
  /** Standard deviation of the pairs' gains. */
  deviation: z.number().nullable(),
  /** Gain that this many pairs find with the registered power at the measured deviation. */
  minimumDetectableEffect: z.number().nullable(),
  /** Pairs that would find a gain as large as the claim; null: not known, or more than a thousand. */
  seedsNeeded: count.nullable(),
  arms: z.strictObject({ off: armSchema, on: armSchema }).nullable(),
});
export type LeverVerdict = z.infer<typeof leverVerdictSchema>;

export const experimentStatuses = ["running", "decided", "stopped", "failed"] as const;

export const experimentSchema = z.strictObject({
  /** Id of the registration. */
  experimentId: z.string(),
  lever: z.string(),
  /** Race file. */
  path: z.string(),
  claim: z.number().min(0),
  seeds: z.array(natural),
  status: z.enum(experimentStatuses),
  /** What is being done, in words. */
  phase: z.string(),
  doneSteps: natural,
  totalSteps: natural,
  /** Races that trained its trials, in order. */
  raceIds: z.array(z.string()),
  startedAt: natural,
  verdict: leverVerdictSchema.nullable(),
  failure: z.strictObject({ code: z.string(), message: z.string() }).nullable(),
});
export type Experiment = z.infer<typeof experimentSchema>;

/** What a click is going to cost and what it can find. */
export const designSchema = z.strictObject({
  lever: z.string(),
  title: z.string(),
  claim: z.number().min(0),
  claimSource: z.string(),
  /** The text that was found and passed the leak gate: who starts what was shown names it. */
  corpus: corpusPinSchema,
  seeds: z.array(natural).min(1),
  looks: z.array(count).min(1),
  /** Of all registrations on this lever and these arms together. */
  alpha: z.number(),
  /** How many those are, this one included: each has its share of alpha. */
  hypotheses: count,
  /** Others among them without a verdict. */
  undecided: natural,
  power: z.number(),
  arms: z.strictObject({ off: armSchema, on: armSchema }),
  totalSteps: count,
  /** Estimate in seconds from the speed of earlier races here; null: none has run. */
  estimatedSeconds: z.number().nullable(),
  /** Standard deviation of pairs of earlier experiments on this lever and length; null: none. */
  knownDeviation: z.number().nullable(),
  /** Power for a gain as large as the claim at that deviation. */
  expectedPower: z.number().nullable(),
  /** Largest deviation of the pairs' gains at which such a gain is still found with the wanted power. */
  largestDeviation: z.number(),
  /** Pairs that would be needed at the known deviation. */
  seedsNeeded: count.nullable(),
});
export type ExperimentDesign = z.infer<typeof designSchema>;

/** A verdict as it stands in the ledger. */
export const recordedVerdictSchema = z.strictObject({
  /** Line of the ledger, from 1. */
  line: count,
  /** When it was given, ISO 8601 in UTC. */
  ts: z.string(),
  lever: z.string(),
  /** Race file, relative to the workspace, with `/`. */
  race: z.string(),
  /** Name and first digits of its hash. */
  corpus: z.string(),
  protocol: z.string(),
  experimentId: z.string(),
  outcome: leverVerdictSchema,
});
export type RecordedVerdict = z.infer<typeof recordedVerdictSchema>;

/** What there is to put to the test. */
export const leverSchema = z.strictObject({
  /** Key in the race file. */
  id: z.string(),
  title: z.string(),
  hypothesis: z.string(),
  source: z.string(),
  /** Claimed change in BPB, negative is better; null where nobody states a number. */
  claimedDeltaBpb: z.number().nullable(),
  falsifier: z.string(),
  /** Levers of one group exclude each other. */
  group: z.string().nullable(),
});
export type LeverEntry = z.infer<typeof leverSchema>;
