/** What an experiment leaves behind: registrations that stay as they are, verdicts that count only in their chain. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { canonicalHash, canonicalJson } from "../../../daemon/config/canonical.ts";
import { planImport } from "../../../daemon/evidence/ledger/import.ts";
import { readLedger } from "../../../daemon/evidence/ledger/read.ts";
import { chainedLine, noHash, type VerdictRow } from "../../../daemon/evidence/ledger/row.ts";
import { appendRow, appendVerdict, loadLedger } from "../../../daemon/evidence/ledger/write.ts";
import { type LeverRegistration, leverRegistrationSchema } from "../../../daemon/evidence/lever-registration.ts";
import { ledgerPath, Records } from "../../../daemon/experiment/records.ts";
import { IglaError } from "../../../daemon/protocol/errors.ts";
import { takeLock } from "../../../daemon/store/lock.ts";

let workspace: string;
let records: Records;
beforeEach(() => {
  workspace = mkdtempSync(join(tmpdir(), "igla-records-"));
  records = new Records(workspace, takeLock);
});
afterEach(() => rmSync(workspace, { recursive: true, force: true }));

const wanted: Omit<LeverRegistration, "registeredAt"> = {
  kind: "lever",
  hypothesis: "h",
  lever: "relu2",
  settings: {},
  metric: "val_bpb",
  claim: 0.01,
  claimSource: "somebody",
  corpusSha256: "ab".repeat(32),
  split: "three-way",
  protocol: "chunked",
  seeds: [43, 44, 45],
  looks: [3],
  spending: "obrien-fleming",
  alpha: 0.01,
  power: 0.8,
  test: "paired-t",
  stopRule: "s",
  equal: "steps",
  steps: { off: 40, on: 40 },
  arms: { off: "0".repeat(64), on: "1".repeat(64) },
  hypotheses: 1,
  codeVersion: "test",
  amends: null,
};
const registration = (registeredAt = 1, changes: Partial<LeverRegistration> = {}): LeverRegistration =>
  leverRegistrationSchema.parse({ ...wanted, ...changes, registeredAt });

const row = (prereg: string, changes: Partial<VerdictRow> = {}): VerdictRow => ({
  kind: "lever-verdict",
  ts: "2026-01-01T00:00:00.000Z",
  agent: "test",
  lever: "relu2",
  sha: "abcdef0123",
  corpus: "demo 0123456789ab",
  protocol: "chunked",
  prereg,
  race: "tiny.igla.toml",
  arms: wanted.arms,
  outcome: {
    verdict: "survived",
    reasons: ["because"],
    claim: 0.01,
    gain: 0.02,
    interval: { low: 0.01, high: 0.03 },
    level: 0.99,
    pairs: [{ seed: 43, off: 2.1, on: 2.08 }],
    deviation: 0.001,
    minimumDetectableEffect: 0.003,
    seedsNeeded: 3,
    arms: null,
  },
  ...changes,
});

const folder = () => join(workspace, "assertions", "prereg");
const fileOf = (id: string) => join(folder(), `${id.slice(0, 12)}.json`);
const ledger = () => join(workspace, ledgerPath);
const failure = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => null,
    (error: unknown) => error,
  );

describe("registering", () => {
  it("writes canonical text under the name of its hash", async () => {
    const id = await records.register(registration());
    expect(id).toBe(canonicalHash(registration()));
    expect(readdirSync(folder())).toEqual([`${id.slice(0, 12)}.json`]);
    expect(readFileSync(fileOf(id), "utf8")).toBe(`${canonicalJson(registration())}\n`);
  });
  it("overwrites nothing: neither the same one nor whatever else has its name", async () => {
    const id = await records.register(registration());
    for (const content of [readFileSync(fileOf(id), "utf8"), "mine"]) {
      writeFileSync(fileOf(id), content);
      expect(await failure(records.register(registration()))).toMatchObject({ code: "experiment.registration" });
      expect(readFileSync(fileOf(id), "utf8")).toBe(content);
    }
  });
  it("one of two that come at once is written", async () => {
    const both = await Promise.allSettled([records.register(registration()), records.register(registration())]);
    expect(both.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
  });
  it.each(["assertions", "assertions/prereg"])(
    "where %s is a file: an error with the place, nothing trained",
    async (name) => {
      mkdirSync(join(workspace, name, ".."), { recursive: true });
      writeFileSync(join(workspace, name), "in the way");
      const error = await failure(records.register(registration()));
      expect(error).toBeInstanceOf(IglaError);
      expect(error).toMatchObject({ code: "experiment.registration", message: expect.stringContaining(workspace) });
      expect(await records.unfinished(wanted)).toBeNull();
    },
  );
});

describe("going on with what was registered", () => {
  it("only where all but the time is equal", async () => {
    expect(await records.unfinished(wanted)).toBeNull();
    const id = await records.register(registration(7));
    expect(await records.unfinished(wanted)).toEqual({ id, registration: registration(7) });
    const others: Partial<LeverRegistration>[] = [
      { claim: 0.02 },
      { seeds: [43, 44, 46] },
      { seeds: [44, 43, 45] },
      { alpha: 0.02 },
      { looks: [2, 3] },
      { steps: { off: 40, on: 41 } },
      { codeVersion: "other" },
      { corpusSha256: "cd".repeat(32) },
      { settings: { cap: 1 } },
      { arms: { off: "0".repeat(64), on: "2".repeat(64) } },
    ];
    for (const other of others) expect(await records.unfinished({ ...wanted, ...other })).toBeNull();
  });
  it("not where it has its verdict; that of another one does not count", async () => {
    const first = await records.register(registration(1));
    const second = await records.register(registration(2));
    await records.conclude(row(first));
    expect((await records.unfinished(wanted))?.id).toBe(second);
    await records.conclude(row(second));
    expect(await records.unfinished(wanted)).toBeNull();
  });
  it("not with one that was edited, moved or cut off, nor with what else lies there", async () => {
    const id = await records.register(registration());
    const text = readFileSync(fileOf(id), "utf8");
    const spoilt = [
      text.replace('"alpha":0.01', '"alpha":0.4'),
      text.replace('"registeredAt":1', '"registeredAt":0'),
      text.slice(0, 100),
      "",
      "null",
      "[]",
      "{}",
      '{"kind":"lever"}',
      text.replace("{", '{"more":1,'),
    ];
    for (const content of spoilt) {
      writeFileSync(fileOf(id), content);
      expect(await records.unfinished(wanted), content.slice(0, 40)).toBeNull();
    }
    writeFileSync(fileOf(id), text);
    expect((await records.unfinished(wanted))?.id).toBe(id);
    renameSync(fileOf(id), join(folder(), "0123456789ab.json"));
    expect(await records.unfinished(wanted)).toBeNull();
  });
  it("past registrations of victories, folders and pictures", async () => {
    const id = await records.register(registration());
    writeFileSync(join(folder(), "000000000000.json"), '{"subject":"s","hypothesis":"h"}');
    writeFileSync(join(folder(), "000000000001.txt"), "notes");
    mkdirSync(join(folder(), "000000000002.json"));
    writeFileSync(join(folder(), "000000000003.json"), Uint8Array.of(0xff, 0xfe, 0));
    expect((await records.unfinished(wanted))?.id).toBe(id);
  });
});

describe("verdicts in the ledger", () => {
  it("stand in the chain with the results, and are no results", async () => {
    const result = {
      ts: "2026-01-01T00:00:00Z",
      agent: "test",
      seed: 43,
      bpb: 1.5,
      step: 5000,
      sha: "abcdef0123",
      corpus: "demo 0123456789ab",
      protocol: "chunked",
      gate_status: "above_target" as const,
      prereg: null,
    };
    mkdirSync(join(workspace, "assertions"));
    await appendRow(ledger(), result, takeLock);
    await records.conclude(row("a".repeat(64)));
    await appendRow(ledger(), result, takeLock);
    const found = await loadLedger(ledger());
    expect(found.findings).toEqual([]);
    expect([found.chained, found.rows.map(({ line }) => line)]).toEqual([3, [1, 3]]);
    expect(found.verdicts.map(({ line, row: { outcome } }) => [line, outcome])).toEqual([[2, row("x").outcome]]);
  });
  it("continue an older file", async () => {
    mkdirSync(join(workspace, "assertions"));
    writeFileSync(ledger(), '{"seed":43,"bpb":2.2,"steps":5000}\n');
    await records.conclude(row("a".repeat(64)));
    expect((await loadLedger(ledger())).findings).toEqual([]);
    expect((await records.verdicts()).map(({ line }) => line)).toEqual([2]);
  });
  it("edited, forged, copied or moved ones count for nothing and are named", async () => {
    await records.conclude(row("a".repeat(64)));
    await records.conclude(row("b".repeat(64)));
    const whole = readFileSync(ledger(), "utf8");
    const [first = "", second = ""] = whole.split("\n");
    const judged = (text: string) => {
      const { verdicts, findings } = readLedger(Buffer.from(text));
      return { lines: verdicts.map(({ line }) => line), codes: findings.map(({ code, line }) => `${code}:${line}`) };
    };
    const { hash: _, ...unhashed } = JSON.parse(first);
    const forged = JSON.stringify({ ...unhashed, hash: "f".repeat(64) });
    const elsewhere = chainedLine(row("c".repeat(64)), "e".repeat(64)).line;
    expect(judged(whole)).toEqual({ lines: [1, 2], codes: [] });
    expect(judged(whole.replace('"survived"', '"refuted"'))).toEqual({ lines: [2], codes: ["edited:1"] });
    expect(judged(`${JSON.stringify(row("c".repeat(64)))}\n`)).toEqual({ lines: [], codes: ["not-a-row:1"] });
    expect(judged(`${first}\n${JSON.stringify(row("c".repeat(64)))}\n`).lines).toEqual([1]);
    expect(judged(`${forged}\n`)).toMatchObject({ lines: [], codes: ["edited:1"] });
    expect(judged(`${whole}${elsewhere}`)).toEqual({ lines: [1, 2], codes: ["broken-chain:3"] });
    expect(judged(`${first}\n${first}\n${second}\n`)).toMatchObject({ lines: [1, 3] });
    expect(judged(`${second}\n`)).toEqual({ lines: [], codes: ["broken-chain:1"] });
    const odd = chainedLine({ ...row("c".repeat(64)), prereg: "" }, noHash).line;
    expect(judged(odd)).toEqual({ lines: [], codes: ["missing-field:1"] });
  });
  it("an edited verdict does not end its experiment", async () => {
    const id = await records.register(registration());
    await records.conclude(row(id));
    expect(await records.unfinished(wanted)).toBeNull();
    writeFileSync(ledger(), readFileSync(ledger(), "utf8").replace('"survived"', '"refuted"'));
    expect((await records.unfinished(wanted))?.id).toBe(id);
    expect(await failure(records.conclude(row(id)))).toMatchObject({ code: "experiment.ledger" });
  });
  it("nothing that is no verdict is appended", async () => {
    const odd = [
      { ts: "yesterday" },
      { sha: "development" },
      { prereg: "" },
      { outcome: { ...row("x").outcome, gain: Number.NaN } },
      { outcome: { ...row("x").outcome, reasons: [] } },
      { outcome: { ...row("x").outcome, reasons: ["x".repeat(2 ** 20)] } },
    ];
    mkdirSync(join(workspace, "assertions"));
    for (const changes of odd) {
      expect(await appendVerdict(ledger(), row("a".repeat(64), changes), takeLock)).toMatchObject({ code: "bad-row" });
    }
    expect((await loadLedger(ledger())).chained).toBe(0);
  });
  it("a ledger that is not sound stays as it is; mended, it takes the verdict", async () => {
    await records.conclude(row("a".repeat(64)));
    const whole = readFileSync(ledger(), "utf8");
    for (const broken of [`${whole}{"half`, `${whole}not a row\n`, whole.replace('"gain":0.02', '"gain":0.2'), ""]) {
      writeFileSync(ledger(), broken);
      const error = await failure(records.conclude(row("b".repeat(64))));
      expect(error).toMatchObject({ code: "experiment.ledger", message: expect.stringContaining(ledger()) });
      expect(readFileSync(ledger(), "utf8")).toBe(broken);
    }
    writeFileSync(ledger(), whole);
    await records.conclude(row("b".repeat(64)));
    expect((await records.verdicts()).length).toBe(2);
  });
  it("where assertions is a file: an error with the place; none are read", async () => {
    writeFileSync(join(workspace, "assertions"), "in the way");
    const error = await failure(records.conclude(row("a".repeat(64))));
    expect(error).toMatchObject({ code: "experiment.ledger", message: expect.stringContaining(ledger()) });
    expect(await records.verdicts()).toEqual([]);
  });
  it("an import leaves them out: a chained file cannot be imported, a loose verdict is named", () => {
    const text = `{"seed":1,"bpb":2,"step":1}\n${JSON.stringify(row("c".repeat(64)))}\n`;
    const source = { file: "old.jsonl", sha256: "0".repeat(64), ledger: readLedger(Buffer.from(text)) };
    const plan = planImport(source, readLedger(new Uint8Array()));
    expect([plan.rows.length, plan.skipped.map(({ line }) => line)]).toEqual([1, [2]]);
  });
});
