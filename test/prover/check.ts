/** A check of a throw-away folder, which always also proves that nothing was written there and no process is left. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { checkedStatus } from "../../daemon/invariants/status.ts";
import { type CheckOptions, ProofChecker } from "../../daemon/prover/checker.ts";
import type { Prover } from "../../daemon/prover/find-prover.ts";
import type { ProverLimits } from "../../daemon/prover/limits.ts";
import { ProofFolder, processesBelow, prover } from "./coq.ts";

const used: ProofFolder[] = [];

export function keep(folder: ProofFolder): void {
  if (!used.includes(folder)) used.push(folder);
}

export function removeFolders(): void {
  for (const folder of used.splice(0)) folder.remove();
}

export interface Setting extends CheckOptions {
  readonly limits?: Partial<ProverLimits>;
  readonly prover?: Prover;
}

export async function check(given: ProofFolder | Readonly<Record<string, string | Uint8Array>>, setting: Setting = {}) {
  const folder = given instanceof ProofFolder ? given : new ProofFolder(given);
  keep(folder);
  const before = folder.snapshot();
  const checker = new ProofChecker({
    folder: folder.folder,
    prover: setting.prover ?? (prover as Prover),
    cacheFolder: folder.cache,
    limits: setting.limits ?? {},
  });
  const paths = readdirSync(folder.folder, { recursive: true })
    .map(String)
    .filter((path) => path.endsWith(".v"));
  const facts = await checker.check(paths, setting);
  await checker.dispose();
  expect(folder.snapshot(), "the workspace is as it was").toEqual(before);
  expect(processesBelow(folder.cache), "no process is left").toEqual([]);
  expect(readdirSync(join(folder.cache, "build")), "nor a build folder").toEqual([]);
  const of = (path: string) => {
    const found = facts.get(path);
    if (found === undefined) throw new Error(`no facts about ${path}`);
    return found;
  };
  const status = (path: string, name: string) => {
    const theorem = of(path).theorems[name];
    return theorem === undefined ? undefined : checkedStatus(theorem);
  };
  return { folder, facts, of, status };
}
