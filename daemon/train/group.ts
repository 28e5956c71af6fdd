/**
 * Runs one group: up to P trials of one shape from where they stand to their rungs. Reports curve points,
 * checkpoints and evaluations through `emit`; what it computes for a lane depends on that lane's job alone.
 */

import type { CheckpointRef, CorpusTag } from "../protocol/artifacts.ts";
import { LaneProgress } from "./lane.ts";
import type { CurvePoint, TrainerCommand, TrainerEvent } from "./messages.ts";
import type { Population } from "./population.ts";
import { RING_STEPS } from "./program.ts";
import { ShortCalls } from "./short-calls.ts";
import { loadSnapshot, type SnapshotContext, saveSnapshot } from "./snapshot-file.ts";

export type RunGroup = Extract<TrainerCommand, { kind: "run-group" }>;

export interface GroupDependencies {
  readonly population: Population;
  readonly corpus: CorpusTag;
  readonly emit: (event: TrainerEvent) => void;
  /** Milliseconds of a monotonic clock. */
  readonly now: () => number;
  /** Called when something got done. */
  readonly alive: () => void;
  /** What a checkpoint of this trial is labelled with. */
  readonly snapshotContext: (job: RunGroup["jobs"][number]) => SnapshotContext;
  /** Trials that shall leave at the next border. */
  readonly pauseRequested: (trialId: string) => boolean;
}

/** @throws what the population, the checkpoint folder and the corpus throw; nothing is lost by that */
export async function runGroup(command: RunGroup, deps: GroupDependencies): Promise<void> {
  const run = new GroupRun(command, deps);
  await run.fill();
  while (run.isRunning) await run.chunk();
  deps.emit({ kind: "group-done", groupId: command.groupId });
}

/** A failure that belongs to one trial of the group. */
export class LaneError extends Error {
  readonly trialId: string;
  constructor(trialId: string, cause: unknown) {
    super(`Trial ${trialId} could not continue.`, { cause });
    this.name = "LaneError";
    this.trialId = trialId;
  }
}

class GroupRun {
  readonly #command: RunGroup;
  readonly #deps: GroupDependencies;
  /** Index = lane. Lanes that are done are removed; the others move up. */
  readonly #lanes: LaneProgress[];
  readonly #trainCalls: ShortCalls;
  readonly #evalCalls: ShortCalls;
  #lastCheckpointMs: number;

  constructor(command: RunGroup, deps: GroupDependencies) {
    this.#command = command;
    this.#deps = deps;
    this.#lanes = command.jobs.map((job) => new LaneProgress(job, command.reportEvery));
    this.#trainCalls = new ShortCalls(deps.now, deps.alive);
    this.#evalCalls = new ShortCalls(deps.now, deps.alive);
    this.#lastCheckpointMs = deps.now();
  }

  get isRunning(): boolean {
    return this.#lanes.length > 0;
  }

  async fill(): Promise<void> {
    const { population, corpus, emit } = this.#deps;
    for (const [lane, { job }] of this.#lanes.entries()) {
      if (job.from) await this.#restore(lane, job.from);
      else await population.start(lane, job.spec);
    }
    emit({
      kind: "group-started",
      groupId: this.#command.groupId,
      parameters: population.parameterCount,
      bytesOnDevice: population.bytesOnDevice,
      corpus,
    });
    // A trial may already stand at its rung: its evaluation was lost, not its training.
    await this.#finish();
  }

  /** Trains to the nearest border of any lane, then lets lanes leave. */
  async chunk(): Promise<void> {
    const { population, emit, now } = this.#deps;
    const steps = Math.min(RING_STEPS, ...this.#lanes.map((lane) => lane.stepsToBorder));
    const startedMs = now();
    await this.#trainCalls.run(steps, (count) => population.train(count, this.#lanes.length));
    const seconds = Math.max(1e-6, (now() - startedMs) / 1000);
    const points: { trialId: string; point: CurvePoint }[] = [];
    const diverged: LaneProgress[] = [];
    for (const [index, lane] of this.#lanes.entries()) {
      const { point, divergedAt } = lane.advance(await population.losses(index, lane.step + steps, steps));
      const { trialId } = lane.job;
      if (point) points.push({ trialId, point });
      if (divergedAt === null) continue;
      emit({ kind: "lane-diverged", groupId: this.#command.groupId, trialId, step: divergedAt });
      diverged.push(lane);
    }
    const stepsPerSec = steps / seconds;
    const tokensPerSec = stepsPerSec * population.tokensPerStep * this.#lanes.length;
    if (points.length > 0) {
      emit({ kind: "progress", groupId: this.#command.groupId, points, tokensPerSec, stepsPerSec });
    }
    for (const lane of diverged) await this.#remove(lane);
    await this.#finish();
    await this.#pause();
    await this.#safetyCheckpoints();
  }

  /** Evaluates and checkpoints lanes that reached their rung, in lane order. */
  async #finish(): Promise<void> {
    const finished = this.#lanes.filter((lane) => lane.isFinished);
    if (finished.length === 0) return;
    const { population, emit } = this.#deps;
    const { groupId } = this.#command;
    for (const [index, lane] of finished.entries()) await this.#moveTo(lane, index);
    const evaluations = await population.evaluate(finished.length, this.#evalCalls);
    for (const [index, { job, step }] of finished.entries()) {
      const evaluation = evaluations[index];
      if (!evaluation || !Number.isFinite(evaluation.valBpb)) {
        emit({ kind: "lane-diverged", groupId, trialId: job.trialId, step });
        continue;
      }
      const checkpoint = await this.#save(index);
      emit({ kind: "lane-finished", groupId, trialId: job.trialId, checkpoint, evaluation });
    }
    for (const lane of finished) await this.#remove(lane);
  }

  async #pause(): Promise<void> {
    for (const lane of [...this.#lanes]) {
      const { trialId } = lane.job;
      if (!lane.isAtBorder || !this.#deps.pauseRequested(trialId)) continue;
      const checkpoint = await this.#save(this.#lanes.indexOf(lane));
      this.#deps.emit({ kind: "lane-paused", groupId: this.#command.groupId, trialId, checkpoint });
      await this.#remove(lane);
    }
  }

  async #safetyCheckpoints(): Promise<void> {
    const { now, emit } = this.#deps;
    if (now() - this.#lastCheckpointMs < this.#command.checkpointEverySec * 1000) return;
    for (const [index, lane] of this.#lanes.entries()) {
      if (!lane.isAtBorder) continue;
      emit({ kind: "checkpoint", trialId: lane.job.trialId, checkpoint: await this.#save(index) });
    }
    this.#lastCheckpointMs = now();
  }

  /** @throws {LaneError} the checkpoint cannot be read or does not fit */
  async #restore(lane: number, from: CheckpointRef): Promise<void> {
    const { spec, trialId } = (this.#lanes[lane] as LaneProgress).job;
    try {
      await this.#deps.population.restore(lane, spec, await loadSnapshot(this.#context(lane), from));
    } catch (cause) {
      throw new LaneError(trialId, cause);
    }
  }

  async #save(lane: number): Promise<CheckpointRef> {
    return saveSnapshot(this.#context(lane), await this.#deps.population.snapshot(lane));
  }

  #context(lane: number): SnapshotContext {
    return this.#deps.snapshotContext((this.#lanes[lane] as LaneProgress).job);
  }

  async #moveTo(lane: LaneProgress, index: number): Promise<void> {
    const from = this.#lanes.indexOf(lane);
    if (from === index) return;
    await this.#deps.population.swap(from, index);
    [this.#lanes[from], this.#lanes[index]] = [this.#lanes[index] as LaneProgress, lane];
  }

  /** Closes the gap with the last lane: active lanes are always 0..n-1. */
  async #remove(lane: LaneProgress): Promise<void> {
    await this.#moveTo(lane, this.#lanes.length - 1);
    this.#lanes.pop();
  }
}
