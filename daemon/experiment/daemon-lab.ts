/** Trains an experiment's trials as races of the daemon: queued with the others, recorded, resumed after a crash. */
import { readCheckpoint } from "../checkpoint/checkpoint.ts";
import { IglaError, isErrorCode } from "../protocol/errors.ts";
import type { CorpusPin, IglaEvent } from "../protocol/events.ts";
import { boundCorpus, type RaceState, type TrialState } from "../protocol/state.ts";
import { planRace } from "../race/config-plan.ts";
import type { RaceManager } from "../race/manager.ts";
import type { CheckpointFiles } from "../store/checkpoint-files.ts";
import { readCurve } from "../store/curves.ts";
import { readEvents } from "../store/events.ts";
import { readTrial } from "../store/queries.ts";
import type { Store } from "../store/store.ts";
import { type Lab, Stopped, type TrainedRace, type TrainedTrial, type TrainRequest } from "./lab.ts";
import { TrialClock } from "./trial-clock.ts";

export interface DaemonLabOptions {
  readonly manager: RaceManager;
  readonly store: Store;
  readonly files: CheckpointFiles;
  /** Absolute path of the race file that is examined: corpus paths start there. */
  readonly path: string;
  readonly corpus: CorpusPin;
}

/** Points of a curve in one read; an experiment's probe has ten. */
const curvePage = 5000;
const eventPage = 2000;

export function daemonLab(options: DaemonLabOptions): Lab {
  return { train: (request) => trainAsRace(options, request) };
}

async function trainAsRace(options: DaemonLabOptions, request: TrainRequest): Promise<TrainedRace> {
  const { manager, store, path, corpus } = options;
  if (request.signal.aborted) throw new Stopped("stopped by the user");
  const known = ended(options, request) ?? (await manager.takeUp(request.text, path, null, corpus));
  const { raceId } = known ?? (await manager.start(request.text, path, null, corpus));
  request.onStart(raceId);
  const state = await untilOver(options, request, raceId);
  if (state.status === "stopped" || state.status === "paused") throw new Stopped(state.reason);
  if (state.status === "failed") {
    const code = isErrorCode(state.rule) ? state.rule : "experiment.trial-failed";
    throw new IglaError(code, `${raceId}: ${state.reason}`);
  }
  const seconds = await trialSeconds(store, raceId);
  const trials = Object.values(state.trials).map((trial) =>
    trainedTrial(options, trial, seconds.get(trial.trialId) ?? null),
  );
  return {
    raceId,
    corpusSha256: boundCorpus(state),
    devices: devicesOf(state),
    replayMismatches: state.replayMismatches,
    trials: await Promise.all(trials),
  };
}

/**
 * The same race, already trained for this experiment: it was stopped, or the daemon restarted, in between. One that a
 * trial was taken from does not count: it is trained again, to the same numbers.
 */
function ended({ store, path }: DaemonLabOptions, { text, since }: TrainRequest): RaceState | null {
  const { configHash } = planRace(text, path, null);
  const isWhole = ({ trials }: RaceState) =>
    Object.values(trials).every(({ status }) => status === "completed" || status === "diverged");
  const found = store.raceIds
    .map((id) => store.state(id))
    .filter((race) => race.path === path && race.configHash === configHash && race.createdAt >= since)
    .findLast((race) => race.status === "finished" && isWhole(race));
  return found ?? null;
}

/** Until nothing more will come of the race: it ended, or it rests because the signal has told it to. */
async function untilOver(
  { store, manager }: DaemonLabOptions,
  { signal, onProgress }: TrainRequest,
  raceId: string,
): Promise<RaceState> {
  const over = Promise.withResolvers<RaceState>();
  const look = (state: RaceState): void => {
    onProgress(stepsOf(state));
    const rests = state.status === "paused" && signal.aborted;
    if (rests || ["finished", "stopped", "failed"].includes(state.status)) over.resolve(state);
  };
  // Paused, not stopped: the same experiment goes on where it was.
  const rest = (): void => {
    look(store.state(raceId));
    if (["queued", "running"].includes(store.state(raceId).status)) manager.pause(raceId).catch(over.reject);
  };
  const unsubscribe = store.subscribe((id, _, state) => {
    if (id === raceId) look(state);
  });
  signal.addEventListener("abort", rest, { once: true });
  try {
    if (signal.aborted) rest();
    else look(store.state(raceId));
    return await over.promise;
  } finally {
    unsubscribe();
    signal.removeEventListener("abort", rest);
  }
}

/** The one that the race began on and, as its notices tell, others that it went on on. */
function devicesOf({ backend, notices }: RaceState): string[] {
  const first = backend === null ? [] : [backend.description];
  return [...first, ...notices.filter(({ code }) => code === "backend-changed").map(({ message }) => message)];
}

function stepsOf({ trials }: RaceState): number {
  return Object.values(trials).reduce((sum, { step }) => sum + step, 0);
}

async function trainedTrial(
  { store, files }: DaemonLabOptions,
  trial: TrialState,
  seconds: number | null,
): Promise<TrainedTrial> {
  const { spec } = await readTrial(store.db, trial.trialId);
  const { points } = await readCurve(store.db, trial.trialId, 0, curvePage);
  const result = trial.results.at(-1);
  const end = trial.status === "completed" ? "finished" : trial.status === "diverged" ? "diverged" : trial.status;
  const [code = "", ...words] = trial.reason.split(": ");
  return {
    spec,
    end: end === "finished" || end === "diverged" || end === "failed" ? end : "interrupted",
    code,
    message: words.length > 0 ? words.join(": ") : trial.reason,
    valBpb: end === "finished" ? (result?.valBpb ?? null) : null,
    losses: points.map(({ lossNats }) => lossNats),
    seconds,
    weights: async () => {
      const newest = trial.checkpoints.at(-1);
      if (newest === undefined) throw new IglaError("checkpoint.missing", trial.trialId);
      const { params } = await readCheckpoint(files.folder, newest);
      return new Map([...params].map(([name, { data }]) => [name, Float32Array.from(data)]));
    },
  };
}

async function trialSeconds(store: Store, raceId: string): Promise<ReadonlyMap<string, number>> {
  const clock = new TrialClock();
  for await (const event of eventsOf(store, raceId)) clock.hear(event);
  return clock.seconds();
}

async function* eventsOf(store: Store, raceId: string): AsyncGenerator<IglaEvent> {
  for (let seq = 0; ; ) {
    const page = await readEvents(store.db, raceId, seq, eventPage);
    yield* page;
    const last = page.at(-1);
    if (last === undefined || page.length < eventPage) return;
    seq = last.seq;
  }
}
