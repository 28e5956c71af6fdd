/** Which trials the chart draws: what the user ticked or pinned, and by default the best of the newest race. */
import type { Event } from "vscode";
import type { RaceState, TrialState } from "../../daemon/protocol/state.ts";
import type { Connection } from "../connection/connection.ts";
import { Emitter } from "../connection/emitter.ts";
import { lastValBpb } from "./race-model.ts";

export interface PlottedTrials {
  /** Trial ids such as `r1-t0007`; they are unique in a workspace. */
  readonly trialIds: ReadonlySet<string>;
  readonly onDidChange: Event<void>;
}

/** What outlives the window; `vscode.Memento` fits. */
export interface Memory {
  get<T>(key: string): T | undefined;
  update(key: string, value: unknown): Thenable<void>;
}

export const plottedByDefault = 8;
const pinnedKey = "igla.pinned";
const tickedKey = "igla.ticked";

/**
 * The race whose best trials are drawn by default: the one that trains, else the newest that has trials.
 * Pure, so that the chart's default can be tested.
 */
export function defaultRace(races: ReadonlyMap<string, RaceState>): RaceState | null {
  let newest: RaceState | null = null;
  for (const race of races.values()) {
    if (race.status === "running" && race.group !== null) return race;
    const hasTrials = Object.keys(race.trials).length > 0;
    if (hasTrials && (newest === null || race.createdAt >= newest.createdAt)) newest = race;
  }
  return newest;
}

/** Best last validation BPB first; trials without a result follow in order of their numbers. */
export function bestTrials(race: RaceState, count: number): string[] {
  const key = (trial: TrialState): number => lastValBpb(trial) ?? Number.POSITIVE_INFINITY;
  return Object.values(race.trials)
    .map((trial) => ({ trial, valBpb: key(trial) }))
    .sort((a, b) => (a.valBpb === b.valBpb ? a.trial.number - b.trial.number : a.valBpb - b.valBpb))
    .slice(0, count)
    .map(({ trial }) => trial.trialId);
}

export class PlottedChoice implements PlottedTrials {
  readonly #connection: Connection;
  readonly #memory: Memory;
  readonly #changes: Emitter<void>;
  readonly #pinned: Set<string>;
  /** What the user said about single trials; it outweighs the default. */
  readonly #ticked: Map<string, boolean>;
  readonly #subscription: { dispose(): unknown };
  #trialIds: ReadonlySet<string> = new Set();

  constructor(connection: Connection, memory: Memory, onError: (error: unknown) => void) {
    this.#connection = connection;
    this.#memory = memory;
    this.#changes = new Emitter(onError);
    this.#pinned = new Set(memory.get<string[]>(pinnedKey) ?? []);
    this.#ticked = new Map(memory.get<[string, boolean][]>(tickedKey) ?? []);
    this.#subscription = connection.onDidChangeRace(() => this.#update());
    this.#update();
  }

  get trialIds(): ReadonlySet<string> {
    return this.#trialIds;
  }
  get pinned(): ReadonlySet<string> {
    return this.#pinned;
  }
  get onDidChange(): Event<void> {
    return this.#changes.event;
  }

  async tick(trialId: string, isPlotted: boolean): Promise<void> {
    this.#ticked.set(trialId, isPlotted);
    this.#update();
    await this.#memory.update(tickedKey, [...this.#ticked]);
  }

  /** A pinned trial stays on the chart and at the top of its rung. */
  async pin(trialId: string, isPinned: boolean): Promise<void> {
    if (isPinned) this.#pinned.add(trialId);
    else this.#pinned.delete(trialId);
    this.#ticked.delete(trialId);
    this.#update(true);
    await this.#memory.update(pinnedKey, [...this.#pinned]);
    await this.#memory.update(tickedKey, [...this.#ticked]);
  }

  dispose(): void {
    this.#subscription.dispose();
    this.#changes.dispose();
  }

  #update(isNews = false): void {
    const race = defaultRace(this.#connection.races);
    const chosen = new Set([...(race === null ? [] : bestTrials(race, plottedByDefault)), ...this.#pinned]);
    for (const [trialId, isPlotted] of this.#ticked) {
      if (isPlotted) chosen.add(trialId);
      else chosen.delete(trialId);
    }
    const isSame = chosen.size === this.#trialIds.size && [...chosen].every((id) => this.#trialIds.has(id));
    if (isSame && !isNews) return;
    this.#trialIds = chosen;
    this.#changes.fire();
  }
}
