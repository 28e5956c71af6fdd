/**
 * Rung ladders: explicit lists of training-step milestones with the fraction kept at each (SPEC 3).
 * Integer arithmetic only: floor(log(243) / log(3)) is 4 in floats, and 0.1 * 30 is not 3.
 */

/** Exact fraction num / den in (0, 1]; 1/eta in the ASHA paper's terms. */
export interface Keep {
  readonly num: number;
  readonly den: number;
}

export interface LadderRung {
  /** Completed training steps at which a trial is evaluated and ranked. */
  readonly steps: number;
  /** Share of the finished trials that may go on to the next rung; null on the last rung, from which nothing goes on. */
  readonly keep: Keep | null;
}

export const presetNames = ["trinity", "hunt"] as const;
export type PresetName = (typeof presetNames)[number];

export interface Ladder {
  readonly name: PresetName | "explicit";
  readonly rungs: readonly LadderRung[];
}

export type LadderIssueCode =
  | "ladder.empty"
  | "ladder.bad-steps"
  | "ladder.not-increasing"
  | "ladder.keep-missing"
  | "ladder.keep-on-last"
  | "ladder.breaks-preset";

export interface LadderIssue {
  readonly code: LadderIssueCode;
  /** Index of the rung at fault; null when the list as a whole is. */
  readonly rung: number | null;
  readonly message: string;
}

/** Bound on num and den: n * num stays exact for every n below 9e9. */
const keepLimit = 1_000_000;

/** `"1/3"`, or the integer eta = 3 for 1/3. Null when it is not a fraction in (0, 1]. */
export function parseKeep(value: string | number): Keep | null {
  const parts = typeof value === "number" ? [1, value] : value.split("/").map(parseDigits);
  const [num, den] = parts;
  if (parts.length !== 2 || num === undefined || den === undefined) return null;
  if (!Number.isSafeInteger(num) || !Number.isSafeInteger(den)) return null;
  return num >= 1 && den >= num && den <= keepLimit ? { num, den } : null;
}

function parseDigits(text: string): number {
  return /^\s*\d{1,7}\s*$/.test(text) ? Number.parseInt(text, 10) : Number.NaN;
}

export function formatKeep(keep: Keep): string {
  return `${keep.num}/${keep.den}`;
}

/** floor(n * keep), exact. */
export function keepCount(n: number, keep: Keep): number {
  const scaled = n * keep.num;
  return (scaled - (scaled % keep.den)) / keep.den;
}

/** Training steps between the rung below (or the start) and `rung`. */
export function rungDelta(ladder: Ladder, rung: number): number {
  const steps = ladder.rungs[rung]?.steps;
  if (steps === undefined) throw new RangeError(`the ladder has no rung ${rung}`);
  return steps - (rung === 0 ? 0 : (ladder.rungs[rung - 1]?.steps ?? 0));
}

export function lastRung(ladder: Ladder): number {
  return ladder.rungs.length - 1;
}

const third: Keep = { num: 1, den: 3 };

/** 1000 * 3^k, k = 0..3, keeping 1/3 at each (INV-10, INV-12). */
function trinityRungs(): LadderRung[] {
  const rungs: LadderRung[] = [];
  for (let k = 0, steps = 1000; k < 4; k++, steps *= 3) rungs.push({ steps, keep: k < 3 ? third : null });
  return rungs;
}

/**
 * The seed hunt's rungs, not geometric. SPEC 4 acts on them by count (500: drop the worse half; 2000: keep
 * three; 8000: the leader; 32000: keep it); these fractions give exactly those counts for a hunt of 16 seeds.
 */
function huntRungs(): LadderRung[] {
  return [
    { steps: 100, keep: { num: 1, den: 1 } },
    { steps: 500, keep: { num: 1, den: 2 } },
    { steps: 2000, keep: { num: 3, den: 8 } },
    { steps: 8000, keep: third },
    { steps: 32000, keep: { num: 1, den: 1 } },
    { steps: 81000, keep: null },
  ];
}

export function presetLadder(name: PresetName): Ladder {
  return { name, rungs: name === "trinity" ? trinityRungs() : huntRungs() };
}

/** Every reason why `rungs` is not a ladder; empty when it is one. */
export function ladderIssues(rungs: readonly LadderRung[]): LadderIssue[] {
  if (rungs.length === 0) return [{ code: "ladder.empty", rung: null, message: "a ladder needs at least one rung" }];
  const issues: LadderIssue[] = [];
  rungs.forEach(({ steps, keep }, rung) => {
    const before = rung === 0 ? 0 : (rungs[rung - 1]?.steps ?? 0);
    const last = rung === rungs.length - 1;
    if (!Number.isSafeInteger(steps) || steps < 1) {
      issues.push({ code: "ladder.bad-steps", rung, message: `rung ${rung}: ${steps} is not a positive whole number` });
    } else if (steps <= before) {
      const message = `rung ${rung}: ${steps} steps do not lie above the ${before} of the rung before it`;
      issues.push({ code: "ladder.not-increasing", rung, message });
    }
    if (!last && keep === null) {
      issues.push({ code: "ladder.keep-missing", rung, message: `rung ${rung} does not say which fraction it keeps` });
    }
    if (last && keep !== null) {
      const message = `rung ${rung} is the last one: nothing goes on from it, so it keeps no fraction`;
      issues.push({ code: "ladder.keep-on-last", rung, message });
    }
  });
  return issues;
}

/** INV-10/12: rungs written out beside a preset's name must be that preset. */
export function presetIssues(name: PresetName, rungs: readonly LadderRung[]): LadderIssue[] {
  const preset = presetLadder(name).rungs;
  const show = (list: readonly LadderRung[]) =>
    list.map((r) => (r.keep === null ? `${r.steps}` : `${r.steps} keep ${formatKeep(r.keep)}`)).join(", ");
  const at = preset.findIndex((want, rung) => !sameRung(want, rungs[rung]));
  if (at < 0 && rungs.length === preset.length) return [];
  const rung = at < 0 ? preset.length : at;
  const message = `the rungs are not those of preset ${name}: ${show(preset)}`;
  return [{ code: "ladder.breaks-preset", rung: rung < rungs.length ? rung : null, message }];
}

function sameRung(a: LadderRung, b: LadderRung | undefined): boolean {
  if (b === undefined || a.steps !== b.steps) return false;
  if (a.keep === null || b.keep === null) return a.keep === b.keep;
  return a.keep.num * b.keep.den === b.keep.num * a.keep.den;
}
