import { keepCount, type LadderRung } from "./ladder.ts";

/** One finished trial in a rung. `value` is validation BPB, or +Infinity for a failed trial or a non-finite value. */
export interface RungEntry {
  readonly trialId: string;
  readonly value: number;
  readonly arrival: number;
}

/** The total order of SPEC 3: value, then arrival number, then trial id. Negative when `a` ranks before `b`. */
export function compareEntries(a: RungEntry, b: RungEntry): number {
  if (a.value !== b.value) return a.value < b.value ? -1 : 1;
  if (a.arrival !== b.arrival) return a.arrival - b.arrival;
  if (a.trialId === b.trialId) return 0;
  return a.trialId < b.trialId ? -1 : 1;
}

/** Index of the first element of `sorted` (ascending by `compareEntries`) that does not rank before `entry`. */
function lowerBound(sorted: readonly RungEntry[], entry: RungEntry): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const mid = (low + high) >>> 1;
    if (compareEntries(sorted[mid] as RungEntry, entry) < 0) low = mid + 1;
    else high = mid;
  }
  return low;
}

export interface RungSnapshot {
  /** Best first; a value that is not finite is null. */
  readonly ranked: readonly { readonly trialId: string; readonly valBpb: number | null; readonly arrival: number }[];
  readonly promoted: readonly string[];
  readonly open: readonly string[];
}

/**
 * Standings of one rung, kept sorted: an insertion moves pointers inside one array (at most n), a query is a
 * binary search. An entry is `open` while it may still be promoted: finite, not yet promoted, not withdrawn.
 */
export class RungStandings {
  readonly #keep: LadderRung["keep"];
  readonly #entries = new Map<string, RungEntry>();
  readonly #ranked: RungEntry[] = [];
  readonly #open: RungEntry[] = [];
  readonly #promoted = new Set<string>();

  constructor(rung: LadderRung) {
    this.#keep = rung.keep;
  }

  get n(): number {
    return this.#ranked.length;
  }

  get promotedCount(): number {
    return this.#promoted.size;
  }

  /** Size of the top set; 0 on the last rung. */
  get quota(): number {
    return this.#keep === null ? 0 : keepCount(this.n, this.#keep);
  }

  entry(trialId: string): RungEntry | undefined {
    return this.#entries.get(trialId);
  }

  /** Adds a finished trial. `open`: it may be promoted one day. */
  add(entry: RungEntry, open: boolean): void {
    this.#entries.set(entry.trialId, entry);
    this.#ranked.splice(lowerBound(this.#ranked, entry), 0, entry);
    if (open) this.reopen(entry.trialId);
  }

  /** 0-based place in the rung's total order. */
  rank(entry: RungEntry): number {
    return lowerBound(this.#ranked, entry);
  }

  /**
   * The best open entry if it belongs to the top set, else undefined. No other open entry can belong to it
   * when the best one does not.
   */
  promotable(): RungEntry | undefined {
    const best = this.#open[0];
    return best !== undefined && this.rank(best) < this.quota ? best : undefined;
  }

  /** The last member of the top set. */
  cutoff(): RungEntry | undefined {
    return this.#ranked[this.quota - 1];
  }

  /** Trial ids of the top set, best first. */
  topSet(): string[] {
    return this.#ranked.slice(0, this.quota).map((entry) => entry.trialId);
  }

  promote(trialId: string): void {
    this.withdraw(trialId);
    this.#promoted.add(trialId);
  }

  /** The entry keeps its place and still counts in n, but is not promoted. */
  withdraw(trialId: string): void {
    const entry = this.#entries.get(trialId);
    if (entry === undefined) return;
    const at = lowerBound(this.#open, entry);
    if (this.#open[at] === entry) this.#open.splice(at, 1);
  }

  reopen(trialId: string): void {
    const entry = this.#entries.get(trialId);
    if (entry === undefined || !Number.isFinite(entry.value) || this.#promoted.has(trialId)) return;
    const at = lowerBound(this.#open, entry);
    if (this.#open[at] !== entry) this.#open.splice(at, 0, entry);
  }

  snapshot(): RungSnapshot {
    return {
      ranked: this.#ranked.map(({ trialId, value, arrival }) => ({
        trialId,
        valBpb: Number.isFinite(value) ? value : null,
        arrival,
      })),
      promoted: [...this.#promoted],
      open: this.#open.map((entry) => entry.trialId),
    };
  }

  restore(snapshot: RungSnapshot): void {
    for (const { trialId, valBpb, arrival } of snapshot.ranked) {
      const entry = { trialId, value: valBpb ?? Number.POSITIVE_INFINITY, arrival };
      this.#entries.set(trialId, entry);
      this.#ranked.push(entry);
    }
    for (const trialId of snapshot.promoted) this.#promoted.add(trialId);
    for (const trialId of snapshot.open) this.reopen(trialId);
  }
}
