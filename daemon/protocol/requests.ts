/** Every message of the protocol. PROTOCOL.md explains them; a test keeps that document in step. */
import * as z from "zod";
import { bucketSpacings } from "./decimate.ts";
import {
  backendSchema,
  checkpointSchema,
  corpusPinSchema,
  corpusSchema,
  curvePointSchema,
  decision,
  eventSchema,
  pointSchema,
  raceStatuses,
  trialStatuses,
} from "./events.ts";
import { designSchema, equalities, experimentSchema, leverSchema, recordedVerdictSchema } from "./experiments.ts";
import { defineNotification, defineRequest, type NotificationDefinition, type RequestDefinition } from "./request.ts";
import { raceStateSchema } from "./state.ts";
import { trialSpecSchema } from "./trial.ts";

const natural = z.number().int().min(0);
const raceRef = z.strictObject({ raceId: z.string().min(1) });
const trialRef = z.strictObject({ trialId: z.string().min(1) });
const raceStatus = z.strictObject({ raceId: z.string(), status: z.enum(raceStatuses), seq: natural });
const trialStatus = z.strictObject({ trialId: z.string(), status: z.enum(trialStatuses), seq: natural });

/** Trials in one request for curves, and points in its answer: what a chart can show, and what a message can hold. */
export const maxPlotted = 256;
export const maxPlotPoints = 400_000;

export const startRace = defineRequest("race/start", {
  params: z.strictObject({
    configText: z.string(),
    /** Where the text comes from; relative corpus paths start there, and errors name it. */
    path: z.string().min(1),
    /** Overrides the budget of the file. */
    budgetSteps: z.number().int().positive().optional(),
    /** Goes on with the unfinished race of the same file, meaning, budget and given corpus, where there is one. */
    takeUp: z.boolean().default(false),
    /** What the client found and showed; absent: the trainer looks the corpus up with the daemon's environment. */
    corpus: corpusPinSchema.optional(),
  }),
  /** `isNew`: false when an unfinished race was taken up. */
  result: z.strictObject({ raceId: z.string(), seq: natural, isNew: z.boolean() }),
  errors: ["race.bad-config", "race.bad-assertions", "race.guarded", "race.unproven", "daemon.shutting-down"],
});

/** A race file to begin with, sized for the machine that the daemon runs on. Writes nothing. */
export const starterRace = defineRequest("race/starter", {
  params: z.strictObject({
    /** A name from the catalogue, or a path relative to the race file. */
    corpus: z.string().min(1).default("tinyshakespeare"),
  }),
  result: z.strictObject({ configText: z.string(), machine: z.enum(["cpu", "gpu"]) }),
  errors: [],
});

export const listRaces = defineRequest("race/list", {
  params: z.strictObject({}),
  result: z.strictObject({
    races: z.array(
      z.strictObject({
        raceId: z.string(),
        name: z.string(),
        path: z.string(),
        status: z.enum(raceStatuses),
        reason: z.string(),
        createdAt: natural,
        trials: natural,
        trainedSteps: natural,
        best: z.strictObject({ trialId: z.string(), valBpb: z.number(), step: natural }).nullable(),
      }),
    ),
  }),
  errors: [],
});

/**
 * Starts (or restarts) the connection's subscription to a race. `events`: `race/event` notifications follow,
 * from `sinceSeq` on. `snapshot`: too much has happened; call `race/snapshot`, then subscribe from its `seq`.
 */
export const subscribeRace = defineRequest("race/subscribe", {
  params: z.strictObject({ raceId: z.string().min(1), sinceSeq: natural }),
  result: z.strictObject({ mode: z.enum(["events", "snapshot"]), headSeq: natural }),
  errors: ["race.not-found"],
});
export const unsubscribeRace = defineRequest("race/unsubscribe", {
  params: raceRef,
  result: z.strictObject({}),
  errors: [],
});
export const snapshotRace = defineRequest("race/snapshot", {
  params: raceRef,
  result: z.strictObject({ state: raceStateSchema }),
  errors: ["race.not-found"],
});
export const pauseRace = defineRequest("race/pause", {
  params: raceRef,
  result: raceStatus,
  errors: ["race.not-found", "race.wrong-state"],
});
export const resumeRace = defineRequest("race/resume", {
  params: raceRef,
  result: raceStatus,
  errors: ["race.not-found", "race.wrong-state"],
});
export const stopRace = defineRequest("race/stop", {
  params: raceRef,
  result: raceStatus,
  errors: ["race.not-found", "race.wrong-state"],
});
export const pauseTrial = defineRequest("trial/pause", {
  params: trialRef,
  result: trialStatus,
  errors: ["trial.not-found", "trial.wrong-state"],
});
export const resumeTrial = defineRequest("trial/resume", {
  params: trialRef,
  result: trialStatus,
  errors: ["trial.not-found", "trial.wrong-state"],
});
export const stopTrial = defineRequest("trial/stop", {
  params: trialRef,
  result: trialStatus,
  errors: ["trial.not-found", "trial.wrong-state"],
});

/** Points of one curve in order of steps, `limit` at a time; `nextStep` is null on the last page. */
export const trialCurve = defineRequest("trial/curve", {
  params: z.strictObject({
    trialId: z.string().min(1),
    afterStep: natural.default(0),
    limit: z.number().int().min(1).max(5000).default(1000),
  }),
  result: z.strictObject({
    points: z.array(curvePointSchema.omit({ trialId: true })),
    nextStep: natural.nullable(),
  }),
  errors: ["trial.not-found"],
});

/** What was decided about a trial, oldest first, with the rules and the numbers that they looked at. */
export const trialDecisions = defineRequest("trial/decisions", {
  params: trialRef,
  result: z.strictObject({
    spec: trialSpecSchema,
    decisions: z.array(decision.omit({ kind: true, raceId: true, trialId: true })),
  }),
  errors: ["trial.not-found"],
});

/** A curve as columns of equal length; `lossNats` is null where the loss was not finite. */
export const plotCurveSchema = z.strictObject({
  trialId: z.string(),
  /** Target bytes of one step: sequences x context. */
  tokensPerStep: z.number().int().positive(),
  split: z.string(),
  protocol: z.string(),
  steps: z.array(natural),
  /** Smoothed where that was asked for. */
  lossNats: z.array(z.number().nullable()),
  /** When the points were recorded, milliseconds since 1970. */
  atMs: z.array(natural),
  /** Recorded points of the range, and of the whole curve. */
  rangePoints: natural,
  totalPoints: natural,
  lastStep: natural,
  /** Moving average after the last point of the whole curve. */
  ema: z.strictObject({ mean: z.number(), weight: z.number() }),
});

/**
 * Curves for a chart: all points of a short curve; of a long one first, lowest, highest and last of every bucket.
 * `fromStep` and `toStep` choose a range, with one more point on either side so that a line enters and leaves it.
 */
export const trialCurves = defineRequest("trial/curves", {
  params: z.strictObject({
    trialIds: z.array(z.string().min(1)).min(1).max(maxPlotted),
    /** Of one curve. All curves together get at most `maxPlotPoints`. */
    maxPoints: z.number().int().min(10).max(maxPlotPoints).default(1000),
    /** A logarithmic axis needs more of the early points. */
    spacing: z.enum(bucketSpacings).default("linear"),
    /** Share of the old average that stays in the exponential moving average; 0: no smoothing. */
    smoothing: z.number().min(0).max(0.9999).default(0),
    fromStep: natural.default(0),
    toStep: natural.nullable().default(null),
  }),
  result: z.strictObject({ curves: z.array(plotCurveSchema) }),
  errors: ["trial.not-found"],
});

/** The newest checkpoint of a trial, where it lies, and what it is a checkpoint of. */
export const trialCheckpoint = defineRequest("trial/checkpoint", {
  params: trialRef,
  result: z.strictObject({
    trialId: z.string(),
    raceId: z.string(),
    spec: trialSpecSchema,
    specHash: z.string(),
    checkpoint: checkpointSchema,
    path: z.string(),
    /** Of the race file; relative corpus paths start there. */
    configPath: z.string(),
    corpus: corpusSchema.nullable(),
  }),
  errors: ["trial.not-found", "checkpoint.missing"],
});

/**
 * Trials by the validation BPB of their last result, best first, ties by trial. `rank` counts within rows that
 * may be compared: same corpus, split and evaluation protocol. Those of penalised races follow all others.
 */
export const leaderboard = defineRequest("leaderboard", {
  params: z.strictObject({
    raceId: z.string().min(1).optional(),
    limit: z.number().int().min(1).max(1000).default(50),
  }),
  result: z.strictObject({
    rows: z.array(
      z.strictObject({
        rank: z.number().int().positive(),
        trialId: z.string(),
        raceId: z.string(),
        status: z.enum(trialStatuses),
        point: pointSchema,
        seed: natural,
        rung: natural,
        step: natural,
        valBpb: z.number(),
        protocol: z.string(),
        split: z.string(),
        corpus: corpusSchema.nullable(),
        penalised: z.boolean(),
      }),
    ),
  }),
  errors: ["race.not-found"],
});

const experimentWish = {
  configText: z.string(),
  /** Where the text comes from; relative corpus paths start there. */
  path: z.string().min(1),
  lever: z.string().min(1),
  /** BPB that the lever is said to gain; absent: what its definition claims. */
  claim: z.number().optional(),
  /** How many, or which. Seeds of the race file cannot be used. */
  seeds: z.union([z.number().int().min(1).max(1000), z.array(natural).min(1).max(1000)]).optional(),
  /** Training steps of the arm without the lever; absent: the last rung of the race file. */
  steps: z.number().int().positive().optional(),
  alpha: z.number().optional(),
  power: z.number().optional(),
  looks: z.number().int().positive().optional(),
  equal: z.enum(equalities).optional(),
  /** What the client found and showed; absent: the daemon looks it up as the trainer does, and applies the leak gate. */
  corpus: corpusPinSchema.optional(),
};
const experimentErrors = [
  "race.bad-config",
  "corpus.changed",
  "experiment.corpus",
  "experiment.unknown-lever",
  "experiment.lever-conflict",
  "experiment.bad-design",
] as const;

/** What an experiment on a lever is going to cost and what it can find. Runs and writes nothing. */
export const planExperiment = defineRequest("experiment/plan", {
  params: z.strictObject(experimentWish),
  result: designSchema,
  errors: experimentErrors,
});

/** Registers an experiment and starts it; one of the same content that has no verdict goes on. */
export const startExperiment = defineRequest("experiment/start", {
  params: z.strictObject(experimentWish),
  result: experimentSchema,
  errors: [...experimentErrors, "experiment.busy", "experiment.registration", "daemon.shutting-down"],
});

/** Stops what it trains. What was trained is kept: the same experiment goes on where it was. */
export const stopExperiment = defineRequest("experiment/stop", {
  params: z.strictObject({ experimentId: z.string().min(1) }),
  result: experimentSchema,
  errors: ["experiment.not-found"],
});

/** Experiments of this run of the daemon, oldest first. Verdicts of all times stand in the ledger. */
export const listExperiments = defineRequest("experiment/list", {
  params: z.strictObject({}),
  result: z.strictObject({ experiments: z.array(experimentSchema) }),
  errors: [],
});

/**
 * Verdicts of all times, oldest first, from the workspace's ledger. `sound`: nothing in the file was changed, removed or
 * torn; `findings` say what was.
 */
export const experimentVerdicts = defineRequest("experiment/verdicts", {
  params: z.strictObject({}),
  result: z.strictObject({
    /** Absolute path of the ledger, which need not exist yet. */
    path: z.string(),
    sound: z.boolean(),
    findings: z.array(z.strictObject({ line: z.number().int().positive(), message: z.string() })),
    verdicts: z.array(recordedVerdictSchema),
  }),
  errors: [],
});

/** The levers that this daemon knows, in the order in which they apply. */
export const listLevers = defineRequest("lever/list", {
  params: z.strictObject({}),
  result: z.strictObject({ levers: z.array(leverSchema) }),
  errors: [],
});

export const daemonStatus = defineRequest("daemon/status", {
  params: z.strictObject({}),
  result: z.strictObject({
    pid: z.number().int(),
    version: z.string(),
    protocol: z.string(),
    workspace: z.string(),
    startedAt: natural,
    headSeq: natural,
    clients: natural,
    rssBytes: natural,
    activeRace: z.string().nullable(),
    trainer: z.strictObject({ pid: z.number().int().nullable(), backend: backendSchema.nullable() }),
  }),
  errors: [],
});
/** Answers first, then leaves: running lanes write a checkpoint, races stay as they are in the log. */
export const shutdownDaemon = defineRequest("daemon/shutdown", {
  params: z.strictObject({}),
  result: z.strictObject({}),
  errors: [],
});

/** Events of a subscribed race in order. `prevSeq`: the event of this race before the first of these. */
export const raceEvents = defineNotification(
  "race/event",
  z.strictObject({ raceId: z.string(), prevSeq: natural, events: z.array(eventSchema).min(1) }),
);
/** The client was too slow: its subscription has ended, and it should start again from a snapshot. */
export const raceReset = defineNotification("race/reset", z.strictObject({ raceId: z.string(), headSeq: natural }));
/** Sent to every client whenever something of an experiment has changed. */
export const experimentChanged = defineNotification("experiment/changed", experimentSchema);
/** The daemon is about to exit because of a failure. */
export const daemonFailed = defineNotification(
  "daemon/failed",
  z.strictObject({ code: z.string(), detail: z.string() }),
);

export const requests: readonly RequestDefinition[] = [
  startRace,
  starterRace,
  listRaces,
  subscribeRace,
  unsubscribeRace,
  snapshotRace,
  pauseRace,
  resumeRace,
  stopRace,
  pauseTrial,
  resumeTrial,
  stopTrial,
  trialCurve,
  trialCurves,
  trialDecisions,
  trialCheckpoint,
  leaderboard,
  planExperiment,
  startExperiment,
  stopExperiment,
  listExperiments,
  experimentVerdicts,
  listLevers,
  daemonStatus,
  shutdownDaemon,
];

export const notifications: readonly NotificationDefinition[] = [
  raceEvents,
  raceReset,
  experimentChanged,
  daemonFailed,
];

/** JSON value of an error answer: `code` is one of the table, `data` belongs to the code. */
export const errorDataSchema = z.strictObject({ code: z.string(), detail: z.string(), data: z.json() });
