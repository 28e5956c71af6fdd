/** V6: UCB1 may share out work between families only where it beats equal shares. */
import { sum } from "../../stats/sample.ts";
import { defineGate, digits, judged, unmeasured } from "./gate.ts";

export interface BanditInput {
  /** Regret of each bracket, oldest first, under both allocations. */
  readonly brackets: readonly { readonly ucb: number; readonly uniform: number }[];
}

const lastBrackets = 10;

export const banditGate = defineGate<BanditInput>("V6", "UCB's regret is below that of equal shares", (input) => {
  const last = input.brackets.slice(-lastBrackets);
  if (last.length < lastBrackets) return unmeasured(`${last.length} brackets; ${lastBrackets} are needed.`);
  const [ours, theirs] = [sum(last.map(({ ucb }) => ucb)), sum(last.map(({ uniform }) => uniform))];
  if (!(Number.isFinite(ours) && Number.isFinite(theirs))) return unmeasured("A bracket's regret is no finite number.");
  const reason =
    `Over the last ${lastBrackets} brackets UCB's regret is ${digits(ours)}; ` +
    `it must be below ${digits(theirs)}, that of equal shares.`;
  return judged(ours < theirs, reason, ours, theirs);
});
