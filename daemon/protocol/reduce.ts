/** `reduce(state, event)`: the only way a race's state changes, in the daemon and in every client. Pure. */
import type { Checkpoint, EventOf, IglaEvent, TrialStatus } from "./events.ts";
import type { GuardFinding } from "./guards.ts";
import { checkpointsPerTrial, type Job, noticeLimit, type RaceState, type TrialState } from "./state.ts";

/** @throws {RangeError} when the event belongs to another race or does not follow the state. */
export function reduce(state: RaceState, event: IglaEvent): RaceState {
  if (event.raceId !== state.raceId) throw new RangeError(`event of race ${event.raceId} reduced into ${state.raceId}`);
  if (event.seq <= state.seq) throw new RangeError(`event ${event.seq} does not follow ${state.seq}`);
  return { ...apply(state, event), seq: event.seq, updatedAt: event.at };
}

function apply(state: RaceState, event: IglaEvent): RaceState {
  switch (event.kind) {
    case "race-created":
      return createRace(state, event);
    case "lanes-fixed":
      return { ...state, lanes: event.lanes, backend: event.backend };
    case "race-state":
      return changeRace(state, event);
    case "trial-created":
      return createTrial(state, event);
    case "decision":
      return decide(state, event);
    case "group-started":
      return startGroup(state, event);
    case "group-info":
      return { ...state, corpus: event.corpus, parameters: event.parameters };
    case "group-finished":
      return finishGroup(state);
    case "rung-result":
      return addResult(state, event);
    case "curve":
      return extendCurves(state, event);
    case "checkpoint":
      return withTrial(state, event.trialId, (trial) => withCheckpoint(trial, event.checkpoint));
    case "checkpoints-released":
      return releaseCheckpoints(state, event.files);
    case "trial-state":
      return orderTrial(state, event);
    case "trainer":
      return changeTrainer(state, event);
    case "replay-mismatch":
      return { ...state, replayMismatches: state.replayMismatches + 1 };
    case "guard":
      return findGuard(state, event);
    case "notice":
      return addNotice(state, event);
    default:
      return unknownKind(event, state);
  }
}

/** The parameter's type makes the compiler name a kind that `apply` forgot; a later minor version may bring more. */
function unknownKind(_event: never, state: RaceState): RaceState {
  return state;
}

function withTrial(state: RaceState, trialId: string, change: (trial: TrialState) => TrialState): RaceState {
  const trial = state.trials[trialId];
  if (trial === undefined) throw new RangeError(`trial ${trialId} is not part of race ${state.raceId}`);
  return { ...state, trials: { ...state.trials, [trialId]: change(trial) } };
}

function createRace(state: RaceState, event: EventOf<"race-created">): RaceState {
  const { name, path, configHash, rungs, maxTrials, budgetSteps, reportEvery } = event;
  const { corpus: corpusPin = null, guards = [] } = event;
  const facts = { name, path, configHash, rungs, maxTrials, budgetSteps, reportEvery, corpusPin, guards };
  return { ...state, ...facts, createdAt: event.at };
}

function changeRace(state: RaceState, { status, rule, detail }: EventOf<"race-state">): RaceState {
  // A race that starts anew has all its attempts again.
  const trainer = status === "running" ? { ...state.trainer, failures: 0 } : state.trainer;
  return { ...state, status, rule, reason: detail, trainer, speed: status === "running" ? state.speed : null };
}

function createTrial(state: RaceState, event: EventOf<"trial-created">): RaceState {
  const trial: TrialState = {
    trialId: event.trialId,
    number: event.number,
    point: event.point,
    seed: event.spec.seed,
    specHash: event.specHash,
    status: "waiting",
    held: false,
    job: null,
    step: 0,
    lossNats: null,
    results: [],
    checkpoints: [],
    reason: "",
  };
  return { ...state, trials: { ...state.trials, [event.trialId]: trial } };
}

function decide(state: RaceState, event: EventOf<"decision">): RaceState {
  const { action, rule } = event;
  switch (action) {
    case "start":
    case "promote":
    case "resume":
      return orderJob(state, event);
    case "pause":
      return withTrial(state, event.trialId, (trial) => ({ ...trial, reason: rule }));
    case "kill":
      return withTrial(state, event.trialId, (trial) => ({ ...trial, status: "killed", reason: rule }));
    case "fail":
      // The result before it has set the status, and a failed trial's message is the better reason.
      return withTrial(state, event.trialId, (trial) => ({ ...trial, reason: trial.reason || rule }));
  }
}

function orderJob(state: RaceState, event: EventOf<"decision">): RaceState {
  const job = rungJob(state.rungs, event.rung, event.seq);
  // A resumed job was counted when it was first ordered.
  const steps = event.action === "resume" ? 0 : job.toStep - job.fromStep;
  const ordered = withTrial(state, event.trialId, (trial) => ({ ...trial, job, status: "waiting", reason: "" }));
  return { ...ordered, orderedSteps: state.orderedSteps + steps };
}

function rungJob(rungs: RaceState["rungs"], rung: number, orderSeq: number): Job {
  const target = rungs[rung];
  if (target === undefined) throw new RangeError(`the ladder has no rung ${rung}`);
  return { rung, fromStep: rung === 0 ? 0 : (rungs[rung - 1]?.steps ?? 0), toStep: target.steps, orderSeq };
}

/** True when a trial will never train again. */
export function isOver(status: TrialStatus): boolean {
  return (
    status === "completed" ||
    status === "killed" ||
    status === "failed" ||
    status === "diverged" ||
    status === "stopped"
  );
}

function startGroup(state: RaceState, event: EventOf<"group-started">): RaceState {
  const trialIds = event.jobs.map((job) => job.trialId);
  const trials = { ...state.trials };
  for (const id of trialIds) {
    const trial = trials[id];
    if (trial !== undefined) trials[id] = { ...trial, status: "running" };
  }
  return { ...state, trials, group: { groupId: event.groupId, trialIds }, groupCount: state.groupCount + 1 };
}

function finishGroup(state: RaceState): RaceState {
  const trials = { ...state.trials };
  for (const id of state.group?.trialIds ?? []) {
    const trial = trials[id];
    if (trial?.status === "running") trials[id] = { ...trial, status: "waiting" };
  }
  return { ...state, trials, group: null, speed: null };
}

function addResult(state: RaceState, event: EventOf<"rung-result">): RaceState {
  const { outcome, rung } = event;
  const valBpb = outcome.kind === "finished" ? outcome.evaluation.valBpb : null;
  const next = withTrial(state, event.trialId, (trial) => {
    const status = resultStatus(state, event);
    const done: TrialState = {
      ...trial,
      status,
      held: trial.held && !isOver(status),
      job: null,
      step: Math.max(trial.step, event.step),
      results: [...trial.results, { rung, step: event.step, valBpb }],
      reason: outcome.kind === "failed" ? outcome.message : trial.reason,
    };
    return outcome.kind === "finished" ? withCheckpoint(done, outcome.checkpoint) : done;
  });
  const job = state.trials[event.trialId]?.job;
  const steps = outcome.kind === "finished" && job !== undefined && job !== null ? job.toStep - job.fromStep : 0;
  const better = valBpb !== null && (state.best === null || valBpb < state.best.valBpb);
  return {
    ...next,
    resultCount: state.resultCount + 1,
    trainedSteps: state.trainedSteps + steps,
    best: better ? { trialId: event.trialId, valBpb, step: event.step } : state.best,
  };
}

function resultStatus(state: RaceState, { outcome, rung }: EventOf<"rung-result">): TrialStatus {
  if (outcome.kind !== "finished") return outcome.kind;
  return rung === state.rungs.length - 1 ? "completed" : "paused";
}

function extendCurves(state: RaceState, event: EventOf<"curve">): RaceState {
  const trials = { ...state.trials };
  for (const point of event.points) {
    const trial = trials[point.trialId];
    if (trial !== undefined && point.step >= trial.step) {
      trials[point.trialId] = { ...trial, step: point.step, lossNats: point.lossNats };
    }
  }
  return { ...state, trials, speed: { tokensPerSec: event.tokensPerSec, stepsPerSec: event.stepsPerSec } };
}

/** A trial with one more checkpoint: the newest ones, oldest first, one per step. */
export function withCheckpoint(trial: TrialState, checkpoint: Checkpoint): TrialState {
  const others = trial.checkpoints.filter((known) => known.step !== checkpoint.step);
  const checkpoints = [...others, checkpoint].sort((a, b) => a.step - b.step).slice(-checkpointsPerTrial);
  return { ...trial, checkpoints };
}

function releaseCheckpoints(state: RaceState, files: readonly string[]): RaceState {
  const gone = new Set(files);
  const trials = { ...state.trials };
  for (const trial of Object.values(state.trials)) {
    if (trial.checkpoints.some((checkpoint) => gone.has(checkpoint.file))) {
      const checkpoints = trial.checkpoints.filter((checkpoint) => !gone.has(checkpoint.file));
      trials[trial.trialId] = { ...trial, checkpoints };
    }
  }
  return { ...state, trials };
}

function orderTrial(state: RaceState, event: EventOf<"trial-state">): RaceState {
  return withTrial(state, event.trialId, (trial): TrialState => {
    switch (event.status) {
      case "hold-requested":
        return { ...trial, held: true };
      case "hold-cancelled":
        return { ...trial, held: false };
      case "held":
        // The search orders the rest of the job anew after the release.
        return { ...trial, status: "held", held: true, job: null };
      case "released":
        return { ...trial, status: "paused", held: false };
      case "stopped":
        return { ...trial, status: "stopped", held: false, job: null, reason: "stopped by the user" };
    }
  });
}

function changeTrainer(state: RaceState, event: EventOf<"trainer">): RaceState {
  const { status, pid, failures, detail } = event;
  return { ...state, trainer: { status, pid, failures, detail }, speed: status === "ready" ? state.speed : null };
}

/** Entries are told apart by where they stand: a file may use an id twice. */
function findGuard(state: RaceState, { finding }: EventOf<"guard">): RaceState {
  const isSame = ({ place }: GuardFinding) =>
    place.path === finding.place.path &&
    place.range.start.line === finding.place.range.start.line &&
    place.range.start.character === finding.place.range.start.character;
  return { ...state, guards: state.guards.map((known) => (isSame(known) ? finding : known)) };
}

function addNotice(state: RaceState, event: EventOf<"notice">): RaceState {
  const { seq, at, level, code, message, trialId } = event;
  return { ...state, notices: [...state.notices, { seq, at, level, code, message, trialId }].slice(-noticeLimit) };
}
