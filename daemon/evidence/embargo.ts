/** Code versions whose results do not count, and promoted results that nobody has reproduced yet. */

export interface Embargo {
  /** Lower case, at least 7 hex digits each. */
  readonly versions: readonly string[];
  /** Lines from 1 that say nothing: neither comment nor version. */
  readonly unreadLines: readonly number[];
}

/** One code version a line; `#` begins a comment. */
export function readEmbargo(text: string): Embargo {
  const versions: string[] = [];
  const unreadLines: number[] = [];
  for (const [at, line] of text
    .replace(/^\ufeff/, "")
    .split(/\r\n|\n|\r/)
    .entries()) {
    const word = line.replace(/#.*$/, "").trim().toLowerCase();
    if (word === "") continue;
    if (isVersion(word)) versions.push(word);
    else unreadLines.push(at + 1);
  }
  return { versions, unreadLines };
}

/** Short and long forms of a version match by their first digits, 7 at least. */
export function isEmbargoed({ versions }: Embargo, sha: string): boolean {
  // What follows the digits, as in `abcdef0-dirty`, does not lift it.
  const digits = /^[0-9a-f]+/i.exec(sha)?.[0] ?? "";
  return versions.some((version) => isSameVersion(version, digits));
}

export function isSameVersion(a: string, b: string): boolean {
  const [short, long] = a.length <= b.length ? [a, b] : [b, a];
  return isVersion(short) && isVersion(long) && long.toLowerCase().startsWith(short.toLowerCase());
}

function isVersion(word: string): boolean {
  return /^[0-9a-f]{7,64}$/i.test(word);
}

export const reproductionWindowMs = 24 * 60 * 60 * 1000;

/**
 * A promoted result is admitted once it was reproduced within the window after its promotion and the window is over: until
 * then a run that contradicts it may still come. Times in ms since 1970.
 */
export function reproduction(
  promotedAt: number,
  reproducedAt: number | null,
  now: number,
): "admitted" | "waiting" | "lapsed" {
  const isReproduced =
    reproducedAt !== null && reproducedAt >= promotedAt && reproducedAt - promotedAt <= reproductionWindowMs;
  if (isReproduced) return now - promotedAt >= reproductionWindowMs ? "admitted" : "waiting";
  return now - promotedAt <= reproductionWindowMs ? "waiting" : "lapsed";
}

export interface TimedRun {
  /** Milliseconds since 1970; null: it does not say when it was. */
  readonly at: number | null;
  readonly bpb: number;
}

export type AdmissionState =
  /** Reproduced, and the window is over. */
  | "admitted"
  /** Reproduced; the window is open until then. */
  | "window-open"
  /** Nobody reproduced it; until then there is time. */
  | "not-reproduced"
  /** The window went by without a second run. A late one opens a window of its own. */
  | "lapsed"
  /** A run gave another number. */
  | "differs"
  /** The result does not say when it was. */
  | "no-time";

export interface Admission {
  readonly state: AdmissionState;
  /** End of the window, ms since 1970; null: there is none. */
  readonly until: number | null;
}

/**
 * Whether a result counts. Two runs that lie a window or less apart reproduce each other; the earlier one of them is the
 * promotion. So a result that was reproduced too late is promoted by the late run and needs another one soon after that.
 * Runs from the future do not count yet, except where they contradict. The order of the repeats changes nothing.
 * @param tolerance BPB that a repeat may lie away from the result at most
 */
export function admissionOf(result: TimedRun, repeats: readonly TimedRun[], tolerance: number, now: number): Admission {
  if (repeats.some(({ bpb }) => !agrees(result.bpb, bpb, tolerance))) return { state: "differs", until: null };
  if (result.at === null) return { state: "no-time", until: null };
  const times = [result, ...repeats].flatMap(({ at }) => (at === null || at > now ? [] : [at])).sort((a, b) => a - b);
  const last = times.at(-1) ?? result.at;
  const states = times.map((at, i) => ({ at, next: times[i + 1] ?? null }));
  const end = (at: number) => at + reproductionWindowMs;
  const admitted = states.find(({ at, next }) => reproduction(at, next, now) === "admitted");
  if (admitted !== undefined) return { state: "admitted", until: end(admitted.at) };
  const open = states.find(({ at, next }) => next !== null && reproduction(at, next, now) === "waiting");
  if (open !== undefined) return { state: "window-open", until: end(open.at) };
  if (reproduction(last, null, now) === "lapsed") return { state: "lapsed", until: null };
  return { state: "not-reproduced", until: end(last) };
}

/** @param tolerance in BPB; 0: the numbers are the same */
export function agrees(a: number, b: number, tolerance: number): boolean {
  return Math.abs(a - b) <= tolerance;
}
