/**
 * The event log: everything that happened in a race, in order. Events are never changed or removed; `seq` is
 * unique and without gaps in a workspace. A race's state and decisions are pure functions of its events.
 */
import * as z from "zod";
import { guardFindingSchema } from "./guards.ts";
import { leverValueSchema, trialSpecSchema } from "./trial.ts";

const integer = z.number().int();
const natural = integer.min(0);
/** JSON has no NaN and no infinity: `null` stands for a value that is not finite. */
const real = z.number().nullable();
const trialId = z.string().min(1);

/** A sampled point by dotted path; a lever is on with its settings, or off. */
export const pointSchema = z.record(z.string(), z.union([leverValueSchema, z.record(z.string(), leverValueSchema)]));

/** `keep`: share of the finished trials that may go on, as "1/3"; null at the last rung. */
export const rungSchema = z.strictObject({ steps: integer.positive(), keep: z.string().nullable() });

export const checkpointSchema = z.strictObject({
  file: z.string().min(1),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  step: natural,
  bytes: natural,
});

export const corpusSchema = z.strictObject({
  name: z.string(),
  sha256: z.string(),
  bytes: natural,
  tag: z.enum(["ascii", "multilingual"]),
  origin: z.string(),
});

/** The corpus as the client that started a race found it: the file that every trial reads, and its content. */
export const corpusPinSchema = z.strictObject({
  /** Absolute. */
  path: z.string().min(1),
  /** Of the text that is trained on. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  name: z.string().min(1),
  origin: z.string(),
});

export const backendSchema = z.strictObject({
  kind: z.enum(["webgpu", "cpu", "reference"]),
  description: z.string(),
  software: z.boolean(),
});

export const raceStatuses = ["queued", "running", "paused", "stopped", "finished", "failed"] as const;
export const trialStatuses = [
  "waiting",
  "running",
  "paused",
  "held",
  "completed",
  "killed",
  "failed",
  "diverged",
  "stopped",
] as const;

export const evaluationSchema = z.strictObject({
  valBpb: z.number(),
  nllNats: z.number(),
  bytes: natural,
  protocol: z.string(),
});

export const outcomeSchema = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("finished"), evaluation: evaluationSchema, checkpoint: checkpointSchema }),
  /** The loss stopped being finite: a result that ranks last. */
  z.strictObject({ kind: z.literal("diverged"), step: natural }),
  z.strictObject({ kind: z.literal("failed"), code: z.string(), message: z.string() }),
]);

export const curvePointSchema = z.strictObject({
  trialId,
  step: integer.positive(),
  /** Mean training loss since the previous point, nats per byte. */
  lossNats: real,
  gradNorm: real,
});

const header = { seq: integer.positive(), raceId: z.string().min(1), at: natural };
const body = <K extends string, S extends z.ZodRawShape>(kind: K, shape: S) =>
  z.strictObject({ kind: z.literal(kind), ...header, ...shape });

export const raceCreated = body("race-created", {
  name: z.string(),
  path: z.string(),
  configText: z.string(),
  configHash: z.string(),
  rungs: z.array(rungSchema).min(1),
  maxTrials: integer.positive().nullable(),
  budgetSteps: integer.positive().nullable(),
  reportEvery: integer.positive(),
  /** Absent: the trainer looks the corpus up, and its first group decides. */
  corpus: corpusPinSchema.optional(),
  /** What the runtime checks of the assertion file say; absent: there is no such file. */
  guards: z.array(guardFindingSchema).optional(),
});
/** Lanes of a group are fixed once per race: decisions depend on them. */
export const lanesFixed = body("lanes-fixed", { lanes: integer.positive(), backend: backendSchema });
export const raceState = body("race-state", {
  status: z.enum(raceStatuses),
  rule: z.string(),
  detail: z.string(),
});
export const trialCreated = body("trial-created", {
  trialId,
  number: natural,
  point: pointSchema,
  spec: trialSpecSchema,
  specHash: z.string(),
});
/** A decision of the search, with the rule that made it and the numbers that it looked at. */
export const decision = body("decision", {
  action: z.enum(["start", "promote", "resume", "pause", "kill", "fail"]),
  trialId,
  /** Rung that the trial is sent to (start, promote, resume) or stands at (pause, kill, fail). */
  rung: natural,
  rule: z.string(),
  inputs: z.record(z.string(), z.json()),
});
export const groupStarted = body("group-started", {
  groupId: z.string(),
  jobs: z.array(z.strictObject({ trialId, rung: natural, fromStep: natural, toStep: integer.positive() })).min(1),
});
/** What the trainer found out when it built the group's program. */
export const groupInfo = body("group-info", {
  groupId: z.string(),
  parameters: natural,
  bytesOnDevice: natural,
  corpus: corpusSchema,
});
export const groupFinished = body("group-finished", { groupId: z.string() });
/** Written once per trial and rung. `arrival` counts the results of a race. */
export const rungResult = body("rung-result", {
  trialId,
  rung: natural,
  step: natural,
  arrival: natural,
  outcome: outcomeSchema,
});
export const curve = body("curve", {
  points: z.array(curvePointSchema).min(1),
  tokensPerSec: z.number(),
  stepsPerSec: z.number(),
});
export const checkpointWritten = body("checkpoint", { trialId, checkpoint: checkpointSchema });
export const checkpointsReleased = body("checkpoints-released", {
  reason: z.enum(["superseded", "corrupt", "missing", "not-needed"]),
  files: z.array(z.string()).min(1),
});
/**
 * A user's order about one trial; what the search does with trials is told by decisions. A running trial that is
 * to be held passes through `hold-requested` until its lane has been given back, unless that is cancelled.
 */
export const trialState = body("trial-state", {
  trialId,
  status: z.enum(["hold-requested", "hold-cancelled", "held", "released", "stopped"]),
});
export const trainer = body("trainer", {
  status: z.enum(["ready", "exited", "failed"]),
  pid: integer.nullable(),
  backend: backendSchema.nullable(),
  /** Failures since the last progress. */
  failures: natural,
  detail: z.string(),
});
/** The same (trial, step) was reported twice with different numbers: determinism is broken. Nothing is overwritten. */
export const replayMismatch = body("replay-mismatch", {
  trialId,
  step: natural,
  what: z.enum(["curve-point", "rung-result"]),
  stored: z.record(z.string(), real),
  reported: z.record(z.string(), real),
});
/** What a runtime check found out while the race trains; it takes the place of the finding of the same entry. */
export const guard = body("guard", { finding: guardFindingSchema, trialId: trialId.nullable() });
export const notice = body("notice", {
  level: z.enum(["info", "warning", "error"]),
  code: z.string(),
  message: z.string(),
  trialId: trialId.nullable(),
});

export const eventSchema = z.discriminatedUnion("kind", [
  raceCreated,
  lanesFixed,
  raceState,
  trialCreated,
  decision,
  groupStarted,
  groupInfo,
  groupFinished,
  rungResult,
  curve,
  checkpointWritten,
  checkpointsReleased,
  trialState,
  trainer,
  replayMismatch,
  guard,
  notice,
]);

export type IglaEvent = z.infer<typeof eventSchema>;
export type EventOf<K extends IglaEvent["kind"]> = Extract<IglaEvent, { kind: K }>;
type WithoutHeader<E> = E extends unknown ? Omit<E, "seq" | "at" | "raceId"> : never;
/** An event before the store gives it its number, time and race. */
export type EventDraft = WithoutHeader<IglaEvent>;
export type Point = z.infer<typeof pointSchema>;
export type Outcome = z.infer<typeof outcomeSchema>;
export type Evaluation = z.infer<typeof evaluationSchema>;
export type CorpusPin = z.infer<typeof corpusPinSchema>;
export type BackendDescription = z.infer<typeof backendSchema>;
export type Checkpoint = z.infer<typeof checkpointSchema>;
export type CurveSample = z.infer<typeof curvePointSchema>;
export type RaceStatus = (typeof raceStatuses)[number];
export type TrialStatus = (typeof trialStatuses)[number];
