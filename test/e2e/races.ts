/** Race files and texts for the journeys. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";

/** Words in an order that does not repeat: a text that the leak gate accepts and that a model can learn from. */
export function writeText(folder: string, name = "text.txt"): void {
  const words = "needle thread seed race rung trial lever arm loss curve byte step lane model width depth head".split(
    " ",
  );
  let state = 12345;
  const next = (bound: number) => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return (state >>> 16) % bound;
  };
  const lines = Array.from({ length: 1500 }, () =>
    Array.from({ length: 8 }, () => words[next(words.length)]).join(" "),
  );
  writeFileSync(join(folder, name), `${lines.join("\n")}\n`);
}

/** Four configurations of a model that trains in a moment. `steps`: the two rungs. */
export function raceText({
  name = "tiny",
  steps = [20, 60] as readonly [number, number],
  reportEvery = 10,
} = {}): string {
  return `[data]
corpus = "./text.txt"

[model]
layers = 1
width = 16
heads = 2
context = 16

[optimizer]
batch = 4

[schedule]
warmup = 5

[race]
name = "${name}"
max_trials = 4
report_every_steps = ${reportEvery}
rungs = [{ steps = ${steps[0]}, keep = "1/2" }, { steps = ${steps[1]} }]

[space."optimizer.lr"]
log = [0.001, 0.03]

[levers.relu2]
`;
}

/** Goes on for as long as any journey looks at it. */
export function longRaceText(name: string): string {
  return raceText({ name, steps: [100, 4_000_000], reportEvery: 50 });
}
