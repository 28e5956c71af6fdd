/** The starter race file for a text and a machine. */
import { starterRaceFile } from "./defaults.ts";

/** `cpu`: also where the only GPU is emulated. */
export type Machine = "cpu" | "gpu";

/** What a GPU trains in the time that a CPU needs for the starter file as it is. */
const gpuLines: readonly (readonly [from: string, to: string])[] = [
  ["layers = 2\n", "layers = 4\n"],
  ["width = 64 ", "width = 128"],
  ["heads = 2\n", "heads = 4\n"],
  ["context = 64 ", "context = 128"],
  ["batch = 16 ", "batch = 32 "],
  ["steps = 100,", "steps = 500,"],
  ["steps = 300,", "steps = 1500,"],
  ["steps = 900 ", "steps = 4500 "],
];

/** On a CPU a curve should show within seconds and a winner within minutes. */
const cpuLines: readonly (readonly [from: string, to: string])[] = [["max_trials = 27\n", "max_trials = 9\n"]];

/** @param corpus a name from the catalogue, or a path relative to the race file */
export function starterFor(machine: Machine, corpus: string): string {
  // A JSON string is a basic string of TOML as well, but for DEL.
  const quoted = JSON.stringify(corpus).replaceAll("\u007f", "\\u007f");
  const lines = machine === "gpu" ? gpuLines : cpuLines;
  return [['corpus = "tinyshakespeare"', `corpus = ${quoted}`] as const, ...lines].reduce(
    (text, [from, to]) => replaceOnce(text, from, to),
    starterRaceFile,
  );
}

function replaceOnce(text: string, from: string, to: string): string {
  const [before, after, ...more] = text.split(from);
  if (before === undefined || after === undefined || more.length > 0) {
    throw new RangeError(`the starter race file should hold ${JSON.stringify(from)} once`);
  }
  return `${before}${to}${after}`;
}
