/**
 * One attempt at some lanes of a group on a living trainer: sends the work, stores what is reported, and tells how
 * it ended. Results stay with the caller until the whole group is done.
 */
import type { CheckpointRef } from "../protocol/artifacts.ts";
import type { Checkpoint, Evaluation, EventDraft } from "../protocol/events.ts";
import { withCheckpoint } from "../protocol/reduce.ts";
import { boundCorpus } from "../protocol/state.ts";
import type { CheckpointFiles } from "../store/checkpoint-files.ts";
import { curveDrafts } from "../store/curves.ts";
import type { Store } from "../store/store.ts";
import type { LaneJob, TrainerCommand, TrainerEvent } from "../train/messages.ts";
import { checkpointOf, corpusOf, evaluationOf, sampleOf } from "./trainer-facts.ts";
import type { TrainerLink } from "./trainer-link.ts";
import type { TrainerExit } from "./trainer-process.ts";

export type RunEnd =
  | { readonly kind: "done" }
  | {
      readonly kind: "failed";
      readonly code: string;
      readonly message: string;
      readonly retry: boolean;
      readonly trialId: string | null;
    }
  | { readonly kind: "exited"; readonly exit: TrainerExit }
  /** The process lives, but has reported nothing for `silenceMs`. */
  | { readonly kind: "silent" }
  /** The corpus is not the one of the race's earlier results. */
  | { readonly kind: "corpus-changed"; readonly expected: string; readonly found: string };

export type LaneReport =
  | { readonly kind: "finished"; readonly checkpoint: Checkpoint; readonly evaluation: Evaluation }
  | { readonly kind: "diverged"; readonly step: number };

export interface AttemptOptions {
  readonly store: Store;
  readonly files: CheckpointFiles;
  readonly raceId: string;
  readonly link: TrainerLink;
  readonly command: Extract<TrainerCommand, { kind: "run-group" }>;
  /** Longest time without an event, milliseconds. */
  readonly silenceMs: number;
  /** A lane has reached its step or diverged. */
  readonly onLane: (job: LaneJob, report: LaneReport) => void;
  /** Something new was stored: the attempt is getting on. */
  readonly onProgress: () => void;
}

/** Never rejects because of the trainer; a failing store is the link's `onFailure`. */
export async function runAttempt(options: AttemptOptions): Promise<RunEnd> {
  const { link, command, silenceMs } = options;
  const end = Promise.withResolvers<RunEnd>();
  const watchdog = setTimeout(() => end.resolve({ kind: "silent" }), silenceMs);
  link.setHandler(async (event) => {
    watchdog.refresh();
    if ("groupId" in event && event.groupId !== command.groupId) return;
    const ended = await handle(event, options);
    if (ended !== null) end.resolve(ended);
  });
  if (!link.send(command)) link.kill();
  void link.exited.then((exit) => end.resolve({ kind: "exited", exit }));
  const ended = await end.promise;
  clearTimeout(watchdog);
  link.setHandler(null);
  return ended;
}

async function handle(event: TrainerEvent, options: AttemptOptions): Promise<RunEnd | null> {
  switch (event.kind) {
    case "ready":
    case "alive":
      return null;
    case "group-started":
      return started(event, options);
    case "progress":
      return progress(event, options);
    case "checkpoint":
      return storeCheckpoint(event.trialId, event.checkpoint, options);
    case "lane-paused":
      return storeCheckpoint(event.trialId, event.checkpoint, options);
    case "lane-finished":
      await storeCheckpoint(event.trialId, event.checkpoint, options);
      report(event.trialId, laneReport(event), options);
      return null;
    case "lane-diverged":
      report(event.trialId, { kind: "diverged", step: event.step }, options);
      return null;
    case "group-done":
      return { kind: "done" };
    case "group-failed": {
      const { code, message, retry, trialId = null } = event;
      return { kind: "failed", code, message, retry, trialId };
    }
  }
}

function report(trialId: string, lane: LaneReport, { command, onLane, onProgress }: AttemptOptions): void {
  const job = command.jobs.find((candidate) => candidate.trialId === trialId);
  if (job === undefined) return;
  onProgress();
  onLane(job, lane);
}

/** An evaluation that is not finite is a divergence at the rung. */
function laneReport(event: Extract<TrainerEvent, { kind: "lane-finished" }>): LaneReport {
  const evaluation = evaluationOf(event.evaluation);
  const checkpoint = checkpointOf(event.checkpoint);
  return evaluation === null
    ? { kind: "diverged", step: checkpoint.step }
    : { kind: "finished", checkpoint, evaluation };
}

async function started(
  event: Extract<TrainerEvent, { kind: "group-started" }>,
  { store, raceId }: AttemptOptions,
): Promise<RunEnd | null> {
  const state = store.state(raceId);
  const { corpus, parameters } = state;
  const expected = boundCorpus(state);
  if (expected !== null && expected !== event.corpus.sha256) {
    return { kind: "corpus-changed", expected, found: event.corpus.sha256 };
  }
  if (corpus !== null && parameters === event.parameters) return null;
  const { groupId, bytesOnDevice } = event;
  const draft: EventDraft = {
    kind: "group-info",
    groupId,
    parameters: event.parameters,
    bytesOnDevice,
    corpus: corpusOf(event.corpus),
  };
  await store.append(raceId, [draft], { durability: "normal" });
  return null;
}

async function progress(
  { points, tokensPerSec, stepsPerSec }: Extract<TrainerEvent, { kind: "progress" }>,
  { store, raceId, onProgress }: AttemptOptions,
): Promise<null> {
  const samples = points.map(({ trialId, point }) => sampleOf(trialId, point));
  const stored = await store.append(raceId, curveDrafts(samples, { tokensPerSec, stepsPerSec }), {
    durability: "normal",
  });
  if (stored.some((event) => event.kind === "curve")) onProgress();
  return null;
}

/** Records a checkpoint and lets the one go that it makes superfluous. A repeated report changes nothing. */
async function storeCheckpoint(
  trialId: string,
  reported: CheckpointRef,
  { store, raceId, files, onProgress }: AttemptOptions,
): Promise<null> {
  const checkpoint = checkpointOf(reported);
  const stored = await store.append(
    raceId,
    async ({ state }) => {
      const trial = state.trials[trialId];
      if (trial === undefined || trial.checkpoints.some((known) => known.file === checkpoint.file)) return [];
      const kept = new Set(withCheckpoint(trial, checkpoint).checkpoints.map((one) => one.file));
      const superseded = trial.checkpoints.map((one) => one.file).filter((one) => !kept.has(one));
      const written: EventDraft = { kind: "checkpoint", trialId, checkpoint };
      if (superseded.length === 0) return [written];
      return [written, { kind: "checkpoints-released", reason: "superseded", files: superseded }];
    },
    { durability: "normal" },
  );
  if (stored.length > 0) onProgress();
  await files.remove(stored.flatMap((event) => (event.kind === "checkpoints-released" ? event.files : [])));
  return null;
}
