/** The falsification suite with real plants: all caught, no alarm at what is clean; and a blind gate fails it. */
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import type { Backend } from "../../daemon/engine/backend.ts";
import { allGates } from "../../daemon/evidence/gates/all.ts";
import type { Gate } from "../../daemon/evidence/gates/gate.ts";
import { runSuite, type SuiteCase } from "../../daemon/evidence/suite/suite.ts";
import { suiteCases } from "../../daemon/falsify/cases.ts";
import { cpuBackend } from "../fixtures/backend.ts";

let backend: Backend;
let cases: SuiteCase[];
beforeAll(async () => {
  backend = await cpuBackend();
  cases = suiteCases(backend);
});
afterAll(() => backend.dispose());

describe("the falsification suite", () => {
  it("catches every plant for its reason, raises no alarm at any clean input, and leaves no gate out", async () => {
    const report = await runSuite(allGates, cases);
    expect(report.rows.filter(({ ok }) => !ok)).toEqual([]);
    expect(report).toMatchObject({ ok: true, missed: 0, falseAlarms: 0, gaps: [] });
    expect(report.clean).toBeGreaterThanOrEqual(20);
    expect(report.plants).toBeGreaterThanOrEqual(allGates.length);
  });

  it("gives the same figures twice", async () => {
    const trained = cases.filter(({ gate }) => ["V1", "V7", "causal", "dead-parameter"].includes(gate));
    const [first, second] = [await runSuite([], trained), await runSuite([], trained)];
    expect(second.rows).toEqual(first.rows);
  });

  it.each([...allGates])("fails when gate $id is blind, and when it sees ghosts", async (named) => {
    const own = cases.filter(({ gate }) => gate === named.id);
    const gate = named as Gate<never>;
    const always = (verdict: "pass" | "fail") =>
      vi.spyOn(gate, "check").mockReturnValue({ gate: named.id, verdict, reason: "", measured: 1, bound: 0 });
    try {
      always("pass");
      expect((await runSuite([named], own)).missed).toBe(own.filter(({ kind }) => kind === "plant").length);
      always("fail");
      const ghosts = await runSuite([named], own);
      expect(ghosts.falseAlarms).toBe(own.filter(({ kind }) => kind === "clean").length);
      expect(ghosts.falseAlarms).toBeGreaterThan(0);
    } finally {
      vi.restoreAllMocks();
    }
  });
});
