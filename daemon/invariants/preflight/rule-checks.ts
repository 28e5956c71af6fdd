/** Checks about the rules of a race and about numbers themselves: INV-1, 5, 7, 10 and 12. */

import { holds, notApplicable, type Verdict, violated } from "./guarded-race.ts";
import { type Check, phi } from "./key-checks.ts";
import { readNumber } from "./numbers.ts";

/** INV-1: nothing has been trained yet. descent.ts looks at the first points of each curve. */
export const descentCheck: Check = (): Verdict => ({
  outcome: "later",
  detail: "Each trial is watched up to its first rung: its training loss must fall.",
  key: null,
  varies: false,
});

/** A phi that a file writes with few digits is still phi. */
const roundedWithin = 0.0005;
const powers = [1, 2, 3, 4, 5, 6, 7, 8] as const;

/** INV-5: phi^2n + phi^-2n is the Lucas number L(2n), a whole number. Computed each time, with the file's own phi. */
export const lucasCheck: Check = (_race, { numbers }) => {
  const stated = readNumber(numbers, ["phi"], [], phi);
  const base = Math.abs(stated - phi) <= roundedWithin ? phi : stated;
  for (const n of powers) {
    const sum = base ** (2 * n) + base ** (-2 * n);
    // The largest one is 2207: doubles are exact to 1e-12 there.
    if (Math.abs(sum - Math.round(sum)) < 1e-9) continue;
    return violated(`With phi = ${base}, phi^${2 * n} + phi^-${2 * n} is ${sum.toPrecision(9)}, not whole.`, null);
  }
  return holds("phi^2n + phi^-2n is whole for n = 1 to 8.");
};

/** INV-7: a race that hunts a seed, or compares several, needs enough of them for the gate. */
export const seedsCheck: Check = ({ seeds, ladder }, { numbers }) => {
  const least = readNumber(numbers, ["seeds", "seed", "n"], ["distinct", "required", "count", "victory"], 3);
  const distinct = new Set(seeds).size;
  if (ladder.name !== "hunt" && seeds.length < 2) return notApplicable("The race neither hunts nor compares seeds.");
  if (distinct >= least) return holds(`The race has ${distinct} different seeds.`, "race.seeds");
  return violated(`The race has ${distinct} different seeds; the gate needs ${least}.`, "race.seeds");
};

/** INV-10 and INV-12: the rungs of the preset `trinity` are 1000 x 3^k. */
export const ladderCheck: Check = ({ ladder }, { numbers }) => {
  if (ladder.name !== "trinity") return notApplicable("The race does not use the ladder trinity.");
  const base = readNumber(numbers, ["base", "first", "start"], ["rung", "step", "steps"], 1000);
  const factor = readNumber(numbers, ["factor", "ratio", "eta", "growth"], ["rung", "ladder"], 3);
  const rung = ladder.steps.findIndex((steps, k) => steps !== base * factor ** k);
  if (rung < 0) return holds(`The rungs are ${base} x ${factor}^k.`, "race.ladder");
  const expected = base * factor ** rung;
  return violated(
    `Rung ${rung + 1} has ${ladder.steps[rung]} steps instead of ${base} x ${factor}^${rung} = ${expected}.`,
    "race.ladder",
  );
};
