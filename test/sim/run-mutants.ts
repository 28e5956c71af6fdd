/**
 * Run by mutants.test.ts in a process of its own: argument 1 is an empty folder. Copies the scheduler there once per
 * mutant with one error planted, plays random races against it, and prints which properties broke, as JSON.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { type Mutant, mutants } from "./mutants.ts";
import { checkSeed } from "./properties.ts";

const source = fileURLToPath(new URL("../../daemon/search/", import.meta.url));
const races = 1500;

export interface MutantReport {
  readonly name: string;
  /** How often `find` occurs in the file: 1, or the mutant is out of date. */
  readonly occurrences: number;
  /** Races until the expected property broke; null: never. */
  readonly caughtAfter: number | null;
}

function plant(mutant: Mutant | null, folder: string): number {
  let occurrences = 0;
  mkdirSync(folder, { recursive: true });
  for (const file of readdirSync(source).filter((name) => name.endsWith(".ts"))) {
    let text = readFileSync(join(source, file), "utf8");
    if (mutant?.file === file) {
      const parts = text.split(mutant.find);
      occurrences = parts.length - 1;
      text = parts.join(mutant.replace);
    }
    writeFileSync(join(folder, file), text);
  }
  return occurrences;
}

async function huntDown(mutant: Mutant | null, folder: string): Promise<MutantReport> {
  const occurrences = plant(mutant, folder);
  const { Asha } = await import(pathToFileURL(join(folder, "asha.ts")).href);
  let caughtAfter: number | null = null;
  for (let seed = 0; seed < races && caughtAfter === null; seed++) {
    const { failures } = checkSeed(Asha, seed);
    const seen = mutant === null ? failures.length > 0 : failures.some(({ property }) => property === mutant.breaks);
    if (seen) caughtAfter = seed + 1;
  }
  return { name: mutant?.name ?? "none", occurrences, caughtAfter };
}

const folder = process.argv[2];
if (folder === undefined) throw new Error("usage: run-mutants.ts FOLDER");
const reports: MutantReport[] = [await huntDown(null, join(folder, "none"))];
for (const [i, mutant] of mutants.entries()) reports.push(await huntDown(mutant, join(folder, String(i))));
process.stdout.write(JSON.stringify(reports));
