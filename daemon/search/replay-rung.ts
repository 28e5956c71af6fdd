/** Plain lists for `replay.ts`: everything is found by looking at every element. */

export interface ReplayedEntry {
  readonly trialId: string;
  /** +Infinity: failed or not finite. */
  readonly value: number;
  readonly arrival: number;
}

export interface RungLog {
  readonly entries: Map<string, ReplayedEntry>;
  readonly promoted: Set<string>;
}

export interface ReplayedTrial {
  readonly trialId: string;
  /** The rung it was last sent to. */
  rung: number;
  attempt: number;
  inFlight: boolean;
  held: boolean;
  failed: boolean;
  /** Stopped or killed. */
  ended: boolean;
}

function ranksBefore(a: ReplayedEntry, b: ReplayedEntry): boolean {
  if (a.value < b.value) return true;
  if (a.value > b.value) return false;
  return a.arrival < b.arrival || (a.arrival === b.arrival && a.trialId < b.trialId);
}

/** Number of entries that rank before `entry`. */
export function rankIn(log: RungLog, entry: ReplayedEntry): number {
  let rank = 0;
  for (const other of log.entries.values()) if (ranksBefore(other, entry)) rank++;
  return rank;
}

/** The best member of the top `quota` that may be promoted and has not been. */
export function promotableIn(
  log: RungLog,
  quota: number,
  trials: ReadonlyMap<string, ReplayedTrial>,
): ReplayedEntry | undefined {
  let best: ReplayedEntry | undefined;
  for (const entry of log.entries.values()) {
    const trial = trials.get(entry.trialId);
    if (!Number.isFinite(entry.value) || log.promoted.has(entry.trialId)) continue;
    if (trial === undefined || trial.held || trial.ended || trial.failed) continue;
    if (best === undefined || ranksBefore(entry, best)) best = entry;
  }
  return best !== undefined && rankIn(log, best) < quota ? best : undefined;
}
