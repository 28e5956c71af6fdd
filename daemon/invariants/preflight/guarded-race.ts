/** A race as the checks see it: every value that its trials can take. */

export type GuardedValue = number | string | boolean;

/** Values that a key takes over all trials. `varies`: they come from the space. */
export type Possible =
  | { readonly kind: "list"; readonly values: readonly GuardedValue[]; readonly varies: boolean }
  /** Both bounds can be taken. */
  | { readonly kind: "range"; readonly low: number; readonly high: number; readonly varies: true };

export interface GuardedRace {
  /**
   * By dotted path: `optimizer.lr`, `race.prune_above_bpb`. A lever that some trial switches on is `levers.NAME` with
   * the values true and, where others switch it off, false; its settings hold the values of the trials that have it on.
   */
  readonly values: ReadonlyMap<string, Possible>;
  readonly ladder: { readonly name: string; readonly steps: readonly number[] };
  readonly seeds: readonly number[];
}

/** What a check found out, before the entry's id, message and theorem are put beside it. */
export interface Verdict {
  readonly outcome: "holds" | "violated" | "not-applicable" | "later";
  readonly detail: string;
  readonly key: string | null;
  readonly varies: boolean;
}

export function holds(detail: string, key: string | null = null): Verdict {
  return { outcome: "holds", detail, key, varies: false };
}

export function violated(detail: string, key: string | null, varies = false): Verdict {
  return { outcome: "violated", detail, key, varies };
}

export function notApplicable(detail: string): Verdict {
  return { outcome: "not-applicable", detail, key: null, varies: false };
}

/** `0.01` of a fixed key, `0.0005` of a range that begins there: a number outside of [low, high], or null. */
export function outside(possible: Possible, low: number, high: number): number | null {
  const candidates = possible.kind === "range" ? [possible.low, possible.high] : possible.values;
  const numbers = candidates.filter((value) => typeof value === "number");
  return numbers.find((value) => !(value >= low && value <= high)) ?? null;
}

/** Violated when a value of `key` can lie outside of [low, high]; not applicable when the race has no such key. */
export function checkBand(race: GuardedRace, key: string, [low, high]: readonly [number, number]): Verdict {
  const possible = race.values.get(key);
  if (possible === undefined) return notApplicable(`No trial of the race has ${key}.`);
  const wrong = outside(possible, low, high);
  const band = high === Number.POSITIVE_INFINITY ? `below ${low}` : `outside of [${low}, ${high}]`;
  if (wrong !== null)
    return violated(`${key} ${possible.varies ? "can be" : "is"} ${wrong}, ${band}.`, key, possible.varies);
  return holds(`${key} is ${high === Number.POSITIVE_INFINITY ? `at least ${low}` : `in [${low}, ${high}]`}.`, key);
}
