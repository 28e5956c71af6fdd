import { describe, expect, it } from "vitest";
import { formatConfigError } from "../../../daemon/config/config-error.ts";
import { starterRaceFile } from "../../../daemon/config/defaults.ts";
import { parseRaceFile } from "../../../daemon/config/parse.ts";
import { makeSampler, trialSpec } from "../../../daemon/config/race-config.ts";
import { uniformStream } from "../../../daemon/engine/random/philox.ts";
import { levers } from "../../../daemon/levers/registry.ts";
import { trialSpecSchema } from "../../../daemon/protocol/trial.ts";

const more = `
[space.model]
width = { choice = [64, 96, 128] }
[levers.swiglu]
hidden_fraction = 1.5
[space."levers.swiglu.hidden_fraction"]
uniform = [0.5, 1.5]
`;
const scraps = [
  "[",
  "]",
  "{",
  "}",
  '"',
  "'",
  "=",
  ",",
  "#",
  ".",
  "\n",
  "\r",
  "\t",
  "-",
  "0",
  "1e9",
  "nan",
  "inf",
  "true",
];
const words = [
  "lr",
  "[model]",
  "__proto__",
  "[[race]]",
  "choice = []",
  "log = [0, 1]",
  '"""',
  "'''",
  "😀",
  "\u0000",
  "9e999",
];
const pieces = [
  ...scraps,
  ...words,
  "constructor",
  "toString = 1",
  "space.a.b = {}",
  "[levers.wsd]",
  "1979-05-27",
  "\ufeff",
];

type Rng = () => number;
const below = (rng: Rng, n: number) => Math.floor(rng() * n);

/** Deletes, doubles, swaps or inserts a few characters, words or lines. */
function mutate(text: string, rng: Rng): string {
  let mutated = text;
  for (let edits = 1 + below(rng, 4); edits > 0; edits--) {
    const at = below(rng, mutated.length + 1);
    const end = Math.min(mutated.length, at + 1 + below(rng, rng() < 0.3 ? 80 : 6));
    const lines = mutated.split("\n");
    const line = below(rng, lines.length);
    switch (below(rng, 6)) {
      case 0:
        mutated = mutated.slice(0, at) + mutated.slice(end);
        break;
      case 1:
        mutated = mutated.slice(0, at) + mutated.slice(at, end) + mutated.slice(at);
        break;
      case 2:
        mutated = mutated.slice(0, at) + pieces[below(rng, pieces.length)] + mutated.slice(at);
        break;
      case 3:
        mutated = lines.toSpliced(line, 1).join("\n");
        break;
      case 4:
        mutated = lines.toSpliced(below(rng, lines.length), 0, lines[line] ?? "").join("\n");
        break;
      default:
        mutated = mutated.slice(0, at) + String.fromCharCode(32 + below(rng, 95)) + mutated.slice(at + 1);
    }
  }
  return mutated;
}

describe("a damaged race file", () => {
  it("never throws: it gives positioned errors, or a configuration whose trials are valid", () => {
    const source = starterRaceFile + more;
    expect(parseRaceFile(source, "f", levers)).toMatchObject({ ok: true });
    let [good, bad] = [0, 0];
    for (let seed = 0; seed < 4000; seed++) {
      const text = mutate(source, uniformStream(seed, 9100));
      const parsed = parseRaceFile(text, "f.igla.toml", levers);
      if (parsed.ok) {
        good++;
        const point = makeSampler(parsed.config).suggest(0, []) ?? {};
        const spec = trialSpec(parsed.config, point, parsed.config.seeds[0] ?? 0, 900);
        expect(trialSpecSchema.safeParse(spec).error, `seed ${seed}`).toBeUndefined();
        continue;
      }
      bad++;
      const lines = text.replace(/^\ufeff/, "").split("\n");
      expect(parsed.errors.length, `seed ${seed}`).toBeGreaterThan(0);
      let last = 0;
      for (const error of parsed.errors) {
        const { line, column, endLine, endColumn, message } = error;
        expect(line, `seed ${seed}`).toBeGreaterThanOrEqual(Math.max(1, last));
        expect(line, `seed ${seed}`).toBeLessThanOrEqual(lines.length);
        expect(column, `seed ${seed}`).toBeGreaterThanOrEqual(1);
        expect(column, `seed ${seed}: ${message}`).toBeLessThanOrEqual((lines[line - 1]?.length ?? 0) + 1);
        expect(endLine > line || endColumn > column, `seed ${seed}: ${message}`).toBe(true);
        expect(message).not.toBe("");
        expect(formatConfigError(error, text)).toContain(`f.igla.toml:${line}:${column}: ${message}`);
        last = line;
      }
    }
    // The mutations are neither harmless nor all fatal.
    expect(good).toBeGreaterThan(400);
    expect(bad).toBeGreaterThan(1500);
  });

  it("gives the same answer twice", () => {
    for (let seed = 0; seed < 50; seed++) {
      const text = mutate(starterRaceFile, uniformStream(seed, 9101));
      expect(parseRaceFile(text, "f", levers)).toEqual(parseRaceFile(text, "f", levers));
    }
  });
});
