import type { Property } from "./properties.ts";

/** One deliberate error in the scheduler's source, and the property whose check must notice it. */
export interface Mutant {
  readonly name: string;
  readonly file: string;
  /** Occurs exactly once in the file. */
  readonly find: string;
  readonly replace: string;
  readonly breaks: Property;
}

export const mutants: readonly Mutant[] = [
  {
    name: "top set one too large",
    file: "rung.ts",
    find: "this.rank(best) < this.quota",
    replace: "this.rank(best) <= this.quota",
    breaks: "a",
  },
  {
    name: "quota rounds up",
    file: "ladder.ts",
    find: "return (scaled - (scaled % keep.den)) / keep.den;",
    replace: "return Math.ceil(scaled / keep.den);",
    breaks: "a",
  },
  {
    name: "a value that is not finite may be promoted",
    file: "rung.ts",
    find: "entry === undefined || !Number.isFinite(entry.value) || this.#promoted",
    replace: "entry === undefined || this.#promoted",
    breaks: "play",
  },
  {
    name: "a failed trial ranks first",
    file: "asha.ts",
    find: "? measured : Number.POSITIVE_INFINITY;",
    replace: "? measured : -1;",
    breaks: "a",
  },
  {
    name: "a stopped trial may be promoted",
    file: "asha.ts",
    find: "!stopped && !trial.held",
    replace: "!trial.held",
    breaks: "play",
  },
  {
    name: "a held trial may be promoted",
    file: "asha.ts",
    find: "this.#standings(trial.rung).withdraw(trial.trialId);\n    return accepted;",
    replace: "return accepted;",
    breaks: "play",
  },
  {
    name: "a promoted trial stays a candidate",
    file: "rung.ts",
    find: "this.withdraw(trialId);\n    this.#promoted.add(trialId);",
    replace: "this.#promoted.add(trialId);",
    breaks: "play",
  },
  {
    name: "the later of two equal values wins",
    file: "rung.ts",
    find: "return a.arrival - b.arrival;",
    replace: "return b.arrival - a.arrival;",
    breaks: "a",
  },
  {
    name: "the larger trial id wins a tie",
    file: "rung.ts",
    find: "return a.trialId < b.trialId ? -1 : 1;",
    replace: "return a.trialId < b.trialId ? 1 : -1;",
    breaks: "a",
  },
  {
    name: "rungs are scanned from the bottom",
    file: "asha.ts",
    find: "for (let rung = lastRung(ladder); rung >= 0; rung--) {",
    replace: "for (let rung = 0; rung <= lastRung(ladder); rung++) {",
    breaks: "b",
  },
  {
    name: "new configurations come before promotions",
    file: "asha.ts",
    find: "if (promote === null) continue;",
    replace: "if (promote === null || this.started < maxTrials) continue;",
    breaks: "b",
  },
  {
    name: "promotions come before interrupted jobs of the same rung",
    file: "asha.ts",
    find: "if (resume !== null) return resume;",
    replace: "if (resume !== null && this.started % 2 === 0) return resume;",
    breaks: "b",
  },
  {
    name: "the last possible promotions are forgotten",
    file: "asha.ts",
    find: "if (promote === null) continue;",
    replace: "if (promote === null || (this.started >= maxTrials && this.running === 0)) continue;",
    breaks: "c",
  },
  {
    name: "an interrupted job is lost",
    file: "asha.ts",
    find: "this.#queue.push(trial.trialId);",
    replace: "",
    breaks: "c",
  },
  {
    name: "a failure does not count in n",
    file: "asha.ts",
    find: "this.#standings(rung).add(",
    replace: 'if (event.kind === "result") this.#standings(rung).add(',
    breaks: "inputs",
  },
  {
    name: "a released trial is forgotten",
    file: "asha.ts",
    find: 'if (trial.phase === "paused") this.#standings(trial.rung).reopen(trial.trialId);',
    replace: "",
    breaks: "c",
  },
  {
    name: "the metric is rounded before it is compared",
    file: "asha.ts",
    find: "? measured : Number.POSITIVE_INFINITY;",
    replace: "? Math.round(measured) : Number.POSITIVE_INFINITY;",
    breaks: "d",
  },
  {
    name: "an absolute bound on the metric stops promotions",
    file: "rung.ts",
    find: "best !== undefined && this.rank(best)",
    replace: "best !== undefined && best.value < 3 && this.rank(best)",
    breaks: "d",
  },
  {
    name: "the snapshot leaves out the queue",
    file: "asha.ts",
    find: "queue: [...this.#queue],",
    replace: "queue: [],",
    breaks: "e",
  },
  {
    name: "restoring forgets who was promoted",
    file: "rung.ts",
    find: "for (const trialId of snapshot.promoted) this.#promoted.add(trialId);",
    replace: "",
    breaks: "e",
  },
  {
    name: "steps of the rungs below are counted again",
    file: "asha.ts",
    find: "this.#trainedSteps += step - (target - delta);",
    replace: "this.#trainedSteps += step;",
    breaks: "f",
  },
  {
    name: "a result may carry any step",
    file: "asha.ts",
    find: "if (!Number.isSafeInteger(step) || !inRange) {",
    replace: "if (!Number.isSafeInteger(step)) {",
    breaks: "play",
  },
  {
    name: "a second report of one (trial, rung) is taken",
    file: "asha.ts",
    find: "if (this.#rungs[rung]?.entry(trialId) !== undefined) {",
    replace: "if (trial.rung !== rung) {",
    breaks: "once",
  },
  {
    name: "INV-2 ignores the warm-up",
    file: "prune.ts",
    find: "step > rule.warmupSteps",
    replace: "step > 0",
    breaks: "prune",
  },
  {
    name: "INV-2's kills are not carried out",
    file: "asha.ts",
    find: "if (kill !== null) return kill;",
    replace: "",
    breaks: "prune",
  },
  {
    name: "the budget is not looked at",
    file: "asha.ts",
    find: "this.#committedSteps + rungDelta(ladder, rung) <= budgetSteps;",
    replace: "true;",
    breaks: "budget",
  },
  {
    name: "promotions record the quota as n",
    file: "decisions.ts",
    find: "n: standings.n,",
    replace: "n: standings.quota,",
    breaks: "inputs",
  },
];
