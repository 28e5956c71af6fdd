import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { guardedRace } from "../../daemon/config/guarded-race.ts";
import { parseRaceFile } from "../../daemon/config/parse.ts";
import type { AssertionEntry } from "../../daemon/invariants/model.ts";
import { checkGuards } from "../../daemon/invariants/preflight/preflight.ts";
import { readAssertions } from "../../daemon/invariants/read-assertions.ts";
import { levers } from "../../daemon/levers/registry.ts";
import type { FolderReport } from "../../daemon/protocol/invariant-report.ts";
import { checkFolder } from "../../daemon/prover/check-folder.ts";
import { presetLadder } from "../../daemon/search/ladder.ts";
import { minThresholdBpb, minWarmupSteps } from "../../daemon/search/prune.ts";
import { writeStarter } from "../../daemon/starter/write-starter.ts";
import { needsCoq, prover } from "../prover/coq.ts";

let root: string;
let folder: string;
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), "igla-starter-"));
  folder = join(root, "work");
  expect((await writeStarter(folder, "cpu", "tinyshakespeare")).ok).toBe(true);
});
afterAll(() => rmSync(root, { recursive: true, force: true, maxRetries: 5 }));

const check = (): Promise<{ report: FolderReport }> =>
  checkFolder({ folder, prover, cacheFolder: join(root, "cache") });
const assertions = "assertions/igla_assertions.json";
const proofs = () => readdirSync(join(folder, "proofs")).filter((name) => name.endsWith(".v"));
const read = (path: string) => readFileSync(join(folder, path), "utf8");

describe("the starter folder", () => {
  it("holds a valid race file, and is never written over", async () => {
    expect(parseRaceFile(read("race.igla.toml"), "race.igla.toml", levers).ok).toBe(true);
    writeFileSync(join(folder, "proofs/mine.v"), "(* mine *)");
    const again = await writeStarter(folder, "cpu", "tinyshakespeare");
    expect(again).toMatchObject({ ok: false, inTheWay: expect.arrayContaining(["proofs/Phi.v"]) });
    expect(read("proofs/mine.v")).toBe("(* mine *)");
    rmSync(join(folder, "proofs/mine.v"));
  });

  it("states the numbers that the code uses", () => {
    const ladder = presetLadder("trinity").rungs.map(({ steps }) => steps);
    expect(read("proofs/Ladder.v")).toContain(`[${ladder.join("; ")}]`);
    expect(read("proofs/Prune.v")).toContain(`threshold : N := ${minThresholdBpb * 1000}.`);
    expect(read("proofs/Prune.v")).toContain(`warmup : N := ${minWarmupSteps}.`);
  });

  it("its own race keeps every invariant that guards it, and the checks have the built-in bands", async () => {
    const parsed = parseRaceFile(read("race.igla.toml"), "race.igla.toml", levers);
    if (!parsed.ok) throw new Error("not valid");
    const source = readAssertions(assertions, read(assertions));
    const findings = checkGuards({ entries: source?.entries ?? [], race: guardedRace(parsed.config) });
    const outcomes = Object.fromEntries(findings.map(({ id, outcome }) => [id, outcome]));
    expect(outcomes).toEqual({
      "INV-1": "later",
      "INV-2": "holds",
      "INV-5": "holds",
      "INV-6": "not-applicable",
      "INV-7": "not-applicable",
      "INV-8": "holds",
      "INV-10": "not-applicable",
      "INV-12": "not-applicable",
    });
    const changed = (numbers: (entry: AssertionEntry) => AssertionEntry["numbers"]) => {
      const entries = (source?.entries ?? []).map((entry) => ({ ...entry, numbers: numbers(entry) }));
      return checkGuards({ entries, race: guardedRace(parsed.config) });
    };
    expect(changed(() => ({}))).toEqual(findings);
    // And they are read: ten times as much forbids the race.
    const tenfold = changed(({ numbers }) =>
      Object.fromEntries(
        Object.entries(numbers).map(([key, value]) => [
          key,
          typeof value === "number" ? 10 * value : value.map((one) => 10 * one),
        ]),
      ),
    );
    const forbidden = tenfold.filter(({ outcome }) => outcome === "violated").map(({ id }) => id);
    expect(forbidden).toEqual(["INV-2", "INV-8"]);
  });

  it("each citation of the race file names an entry", () => {
    const ids = readAssertions(assertions, read(assertions))?.entries.map(({ id }) => id.value) ?? [];
    const cited = [...read("race.igla.toml").matchAll(/# cites: (\S+)/g)].map(([, id]) => id);
    expect(cited.length).toBeGreaterThan(2);
    for (const id of cited) expect(ids).toContain(id);
  });

  it("has a witness in every proof file", () => {
    expect(proofs().length).toBeGreaterThanOrEqual(8);
    for (const name of proofs()) expect(read(`proofs/${name}`), name).toMatch(/Witness[\s\S]*\nExample /);
  });
});

describe.skipIf(prover === null)(needsCoq("what Coq says of the starter folder"), { timeout: 120_000 }, () => {
  let report: FolderReport;
  beforeAll(async () => {
    report = (await check()).report;
  }, 120_000);

  it("every claim matches, every file compiles, and nothing is reported", () => {
    const invariants = report.assertionFiles.flatMap((file) => file.invariants);
    expect(invariants.length).toBeGreaterThanOrEqual(9);
    for (const { id, verdict, evidence, reasons } of invariants) {
      expect({ id, verdict, level: evidence.level, reasons }).toEqual({
        id,
        verdict: "matches",
        level: "coqc",
        reasons: [],
      });
    }
    expect(report.assertionFiles.flatMap((file) => file.reasons)).toEqual([]);
    for (const { path, compile, reasons } of report.proofFiles) {
      expect({ path, kind: compile.kind, reasons }).toEqual({ path, kind: "compiled", reasons: [] });
    }
  });

  it("no project axiom stands behind a claim, and only what is called Admitted is", () => {
    const theorems = report.proofFiles.flatMap((file) => file.theorems);
    expect(theorems.filter(({ status }) => status === "Admitted").map(({ name }) => name)).toEqual(["descent"]);
    expect(theorems.filter(({ status }) => status === "Conditional" || status === "Broken")).toEqual([]);
  });

  it.each([
    ["Prune.v", "warmup <? step", "warmup <=? step"],
    ["Ladder.v", "1000 * 3 ^ k", "1000 * 5 ^ k"],
    ["Asha.v", "other <? value", "other <=? value"],
    ["Gate.v", "nodup Nat.eq_dec (map fst (filter (fun r => snd r <? target) rows))", "map fst rows"],
    ["Ema.v", "(1 - decay) * value", "value"],
    ["Band.v", "in_band low high first -> in_band low high last ->", "in_band low high first ->"],
  ])("a wrong rule in %s does not pass", async (name, right, wrong) => {
    const text = read(`proofs/${name}`);
    expect(text).toContain(right);
    writeFileSync(join(folder, "proofs", name), text.replace(right, wrong));
    const { report: mutated } = await check();
    writeFileSync(join(folder, "proofs", name), text);
    const cited = mutated.assertionFiles
      .flatMap((file) => file.invariants)
      .filter(({ coqFile }) => coqFile === `proofs/${name}`);
    expect(cited.map(({ verdict }) => verdict)).toContain("broken");
  });
});
