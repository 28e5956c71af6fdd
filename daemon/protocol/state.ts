/** The state of one race as every client sees it; `reduce` builds it from events and from nothing else. */
import * as z from "zod";
import {
  backendSchema,
  checkpointSchema,
  corpusPinSchema,
  corpusSchema,
  pointSchema,
  raceStatuses,
  rungSchema,
  trialStatuses,
} from "./events.ts";
import { guardFindingSchema } from "./guards.ts";

const natural = z.number().int().min(0);

/** Work that the search has ordered and that has no result yet. `orderSeq`: the decision that ordered it. */
export const jobSchema = z.strictObject({
  rung: natural,
  fromStep: natural,
  toStep: z.number().int().positive(),
  orderSeq: natural,
});

export const trialStateSchema = z.strictObject({
  trialId: z.string(),
  number: natural,
  point: pointSchema,
  seed: natural,
  specHash: z.string(),
  status: z.enum(trialStatuses),
  /** True from the moment a user asks to hold the trial until its release. */
  held: z.boolean(),
  job: jobSchema.nullable(),
  /** Last curve point or result. */
  step: natural,
  lossNats: z.number().nullable(),
  results: z.array(z.strictObject({ rung: natural, step: natural, valBpb: z.number().nullable() })),
  /** Newest usable checkpoints, oldest first. */
  checkpoints: z.array(checkpointSchema),
  /** Rule or failure that led to the present status. */
  reason: z.string(),
});

export const noticeSchema = z.strictObject({
  seq: z.number().int(),
  at: natural,
  level: z.enum(["info", "warning", "error"]),
  code: z.string(),
  message: z.string(),
  trialId: z.string().nullable(),
});

export const raceStateSchema = z.strictObject({
  raceId: z.string(),
  /** Last event that is part of this state; 0 before the first. */
  seq: natural,
  name: z.string(),
  path: z.string(),
  configHash: z.string(),
  createdAt: natural,
  updatedAt: natural,
  status: z.enum(raceStatuses),
  /** Rule that led to the status, and what it means in words. */
  rule: z.string(),
  reason: z.string(),
  rungs: z.array(rungSchema),
  maxTrials: z.number().int().nullable(),
  budgetSteps: z.number().int().nullable(),
  reportEvery: natural,
  lanes: natural.nullable(),
  backend: backendSchema.nullable(),
  /** What the client that started the race found; null: the trainer looks the corpus up. */
  corpusPin: corpusPinSchema.nullable(),
  /** What the trainer has read. */
  corpus: corpusSchema.nullable(),
  parameters: natural.nullable(),
  trials: z.record(z.string(), trialStateSchema),
  /** Group in flight: its lanes in order. */
  group: z.strictObject({ groupId: z.string(), trialIds: z.array(z.string()) }).nullable(),
  groupCount: natural,
  resultCount: natural,
  /** Sum of the rung deltas of finished results; `orderedSteps` counts those in flight too. */
  trainedSteps: natural,
  orderedSteps: natural,
  best: z.strictObject({ trialId: z.string(), valBpb: z.number(), step: natural }).nullable(),
  trainer: z.strictObject({
    status: z.enum(["none", "ready", "exited", "failed"]),
    pid: z.number().int().nullable(),
    failures: natural,
    detail: z.string(),
  }),
  speed: z.strictObject({ tokensPerSec: z.number(), stepsPerSec: z.number() }).nullable(),
  replayMismatches: natural,
  /** What guards the race; empty without an assertion file. */
  guards: z.array(guardFindingSchema),
  /** The latest notices, oldest first. */
  notices: z.array(noticeSchema),
});

export type Job = z.infer<typeof jobSchema>;
export type TrialState = z.infer<typeof trialStateSchema>;
export type RaceState = z.infer<typeof raceStateSchema>;

/** Notices kept in a state; older ones stay in the log. */
export const noticeLimit = 50;
/** Checkpoints of one trial that stay usable: the newest, and one to fall back to. */
export const checkpointsPerTrial = 2;

/** SHA-256 of the text that all results of a race are bound to; null until it is known. */
export function boundCorpus({ corpus, corpusPin }: Pick<RaceState, "corpus" | "corpusPin">): string | null {
  return corpus?.sha256 ?? corpusPin?.sha256 ?? null;
}

export function emptyRace(raceId: string): RaceState {
  return {
    raceId,
    seq: 0,
    name: "",
    path: "",
    configHash: "",
    createdAt: 0,
    updatedAt: 0,
    status: "queued",
    rule: "",
    reason: "",
    rungs: [],
    maxTrials: null,
    budgetSteps: null,
    reportEvery: 0,
    lanes: null,
    backend: null,
    corpusPin: null,
    corpus: null,
    parameters: null,
    trials: {},
    group: null,
    groupCount: 0,
    resultCount: 0,
    trainedSteps: 0,
    orderedSteps: 0,
    best: null,
    trainer: { status: "none", pid: null, failures: 0, detail: "" },
    speed: null,
    replayMismatches: 0,
    guards: [],
    notices: [],
  };
}
