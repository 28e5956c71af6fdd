/**
 * Runs groups one after the other on one backend. Keeps the last program and corpus, because consecutive groups
 * mostly have the same shape. Used by the trainer process and, in the same process, by `igla train`.
 */

import { configHash, shapeKey } from "../config/race-config.ts";
import { assertNoLeak, measureLeaks } from "../data/leak-gate.ts";
import type { LocatedCorpus, locateCorpus } from "../data/locate.ts";
import { readPinned } from "../data/pinned.ts";
import { type Splits, splitCorpus } from "../data/splits.ts";
import type { Backend } from "../engine/backend.ts";
import { levers } from "../levers/registry.ts";
import type { TrialSpec } from "../protocol/trial.ts";
import { describeFailure } from "./failure.ts";
import { type RunGroup, runGroup } from "./group.ts";
import type { TrainerCommand, TrainerEvent } from "./messages.ts";
import { Population } from "./population.ts";

export interface TrainerOptions {
  readonly backend: Backend;
  readonly checkpointFolder: string;
  readonly codeVersion: string;
  readonly emit: (event: TrainerEvent) => void;
  /** Milliseconds of a monotonic clock. */
  readonly now: () => number;
  /** For races without a pinned corpus. `alive`: to be called while a download gets on. */
  readonly locate: (corpus: string, raceFolder: string, alive: () => void) => ReturnType<typeof locateCorpus>;
}

/** Milliseconds between two `alive` events. */
const ALIVE_EVERY_MS = 5_000;

interface PreparedCorpus {
  readonly key: string;
  readonly located: LocatedCorpus;
  readonly splits: Splits;
}

export class Trainer {
  readonly #options: TrainerOptions;
  readonly #pausing = new Set<string>();
  #corpus: PreparedCorpus | null = null;
  #population: { readonly key: string; readonly population: Population } | null = null;
  #running: Promise<void> = Promise.resolve();

  constructor(options: TrainerOptions) {
    this.#options = options;
    const { backend, emit } = options;
    emit({ kind: "ready", backend: backend.info, preferredLanes: backend.preferredLanes });
  }

  /** Groups queue up; a pause acts on the running group at once. Resolves when the command has been carried out. */
  handle(command: TrainerCommand): Promise<void> {
    if (command.kind === "pause-lanes") {
      for (const id of command.trialIds) this.#pausing.add(id);
      return Promise.resolve();
    }
    const work = command.kind === "run-group" ? () => this.#runGroup(command) : () => this.dispose();
    this.#running = this.#running.then(work);
    return this.#running;
  }

  async dispose(): Promise<void> {
    await this.#population?.population.dispose();
    this.#population = null;
  }

  async #runGroup(command: RunGroup): Promise<void> {
    const { emit, now, checkpointFolder, codeVersion } = this.#options;
    const alive = this.#aliveSignal(command.groupId);
    try {
      const [first] = command.jobs;
      if (!first) throw new RangeError("A group needs at least one trial.");
      const corpus = await this.#prepareCorpus(first.spec, command, alive);
      const population = await this.#preparePopulation(first.spec, corpus, command.jobs.length);
      const { tag } = corpus.located;
      await runGroup(command, {
        population,
        corpus: tag,
        emit,
        now,
        alive,
        snapshotContext: ({ trialId, spec }) => ({
          folder: checkpointFolder,
          trialId,
          spec,
          configHash: configHash(spec),
          corpusSha256: tag.sha256,
          codeVersion,
        }),
        pauseRequested: (trialId) => this.#pausing.has(trialId),
      });
    } catch (error) {
      // The program may be unusable now: a lost device keeps nothing.
      await this.#dropPopulation();
      emit({ kind: "group-failed", groupId: command.groupId, ...describeFailure(error) });
    } finally {
      for (const { trialId } of command.jobs) this.#pausing.delete(trialId);
    }
  }

  /** Says that work gets on, at most every few seconds: a watchdog ends a trainer that stays silent. */
  #aliveSignal(groupId: string): () => void {
    const { emit, now } = this.#options;
    let lastMs = now();
    return () => {
      if (now() - lastMs < ALIVE_EVERY_MS) return;
      lastMs = now();
      emit({ kind: "alive", groupId });
    };
  }

  /** @throws {DataError} missing or changed corpus, short split, leak */
  async #prepareCorpus(
    spec: TrialSpec,
    { raceFolder, corpus: pin }: RunGroup,
    alive: () => void,
  ): Promise<PreparedCorpus> {
    const { corpus, split } = spec.data;
    const key = JSON.stringify([corpus, split, raceFolder, pin]);
    if (this.#corpus?.key !== key) {
      const located = await (pin === null ? this.#options.locate(corpus, raceFolder, alive) : readPinned(pin));
      const splits = splitCorpus(located.tag, split, spec.model.context);
      assertNoLeak(located.tag.name, measureLeaks(located.bytes, splits));
      this.#corpus = { key, located, splits };
    }
    // A longer context may no longer fit a split that was fine before.
    splitCorpus(this.#corpus.located.tag, split, spec.model.context);
    return this.#corpus;
  }

  async #preparePopulation(spec: TrialSpec, corpus: PreparedCorpus, lanes: number): Promise<Population> {
    const key = `${shapeKey(spec, levers)} ${corpus.key}`;
    if (this.#population?.key === key && this.#population.population.lanes >= lanes) return this.#population.population;
    await this.#dropPopulation();
    const population = await Population.create(this.#options.backend, spec, corpus.located.bytes, corpus.splits, lanes);
    this.#population = { key, population };
    return population;
  }

  async #dropPopulation(): Promise<void> {
    const { population } = this.#population ?? {};
    this.#population = null;
    // Disposal of a program whose device is gone may fail too; the failure that led here is the one to report.
    await population?.dispose().catch(() => {});
  }
}
