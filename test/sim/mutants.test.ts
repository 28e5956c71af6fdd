import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { mutants } from "./mutants.ts";
import type { MutantReport } from "./run-mutants.ts";

it("catches every planted error by the property that it breaks", { timeout: 240_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), "igla-mutants-"));
  try {
    const script = fileURLToPath(new URL("./run-mutants.ts", import.meta.url));
    const reports: MutantReport[] = JSON.parse(execFileSync(process.execPath, [script, folder], { encoding: "utf8" }));
    const [clean, ...planted] = reports;
    expect(clean?.caughtAfter, "the copy without an error").toBeNull();
    expect(planted.length).toBe(mutants.length);
    expect(planted.filter(({ occurrences }) => occurrences !== 1).map(({ name }) => name)).toEqual([]);
    expect(planted.filter(({ caughtAfter }) => caughtAfter === null).map(({ name }) => name)).toEqual([]);
    const properties = new Set(mutants.map(({ breaks }) => breaks));
    for (const letter of ["a", "b", "c", "d", "e", "f"] as const) expect(properties).toContain(letter);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
