/** The victory predicate over ledgers: which rows count, what stands against them, which verdict follows. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { floorOf } from "../../../daemon/evidence/floors.ts";
import { readLedger } from "../../../daemon/evidence/ledger/read.ts";
import { chainedLine, type NewRow, noHash } from "../../../daemon/evidence/ledger/row.ts";
import { defaultRegistration, judgeLedger, type LedgerGateInput } from "../../../daemon/evidence/ledger-gate.ts";
import { registrationId, registrationSchema } from "../../../daemon/evidence/registration.ts";

const sha = "abcdef0123";
const registration = registrationSchema.parse({
  hypothesis: "h",
  subject: "s",
  corpusSha256: "0123456789ab",
  protocol: "chunked",
  stopRule: "r",
  codeVersion: sha,
  registeredAt: Date.parse("2026-01-01T00:00:00Z"),
});
const id = registrationId(registration);
const row = (seed: number, bpb: number, more: object = {}): NewRow => ({
  ts: "2026-01-02T00:00:00Z",
  agent: "test",
  seed,
  bpb,
  step: 5000,
  sha,
  corpus: "demo 0123456789abcdef",
  protocol: "chunked",
  gate_status: "victory_candidate",
  prereg: id,
  ...more,
});
const winning = [row(43, 1.441), row(44, 1.44), row(45, 1.439)];
/** The rows and as many runs that repeat them two hours later. */
const twice = (rows: readonly NewRow[]) => [...rows, ...rows.map((one) => ({ ...one, ts: "2026-01-02T02:00:00Z" }))];
function ledgerOf(rows: readonly NewRow[]) {
  let [text, prev] = ["", noHash];
  for (const one of rows) {
    const { line, hash } = chainedLine(one, prev);
    text += line;
    prev = hash;
  }
  return readLedger(Buffer.from(text), rows.length);
}
const judge = (rows: readonly NewRow[], more: Partial<LedgerGateInput> = {}) =>
  judgeLedger({
    ledger: ledgerOf(rows),
    registration,
    registrationId: id,
    knownVersions: [sha],
    embargo: { versions: [], unreadLines: [] },
    selectionSeeds: [],
    baseline: [],
    now: Date.parse("2026-01-04T00:00:00Z"),
    ...more,
  });
const unregistered = (gate: "final" | "gate-2" = "final") => ({
  registration: defaultRegistration(gate),
  registrationId: null,
});
const codes = (rows: readonly NewRow[], more: Partial<LedgerGateInput> = {}) =>
  judge(rows, more).reasons.map(({ code, line }) => `${code}:${line ?? "all"}`);
const changed = (at: number, more: object) => winning.map((one, i) => (i === at ? { ...one, ...more } : one));

describe("outcomes", () => {
  it("victory, with what the seeds can detect", () => {
    const found = judge(twice(winning));
    expect(found).toMatchObject({ outcome: "victory", judged: 3, repeats: 3, others: 0, reasons: [], review: [] });
    expect(found.detectable).toMatchObject({ power: 0.8, seeds: 3, alpha: 0.01 });
    expect(found.detectable?.bpb).toBeCloseTo((found.detectable?.standardDeviations ?? 0) * 0.001, 9);
  });
  it("not yet: a seed is missing or above the target; a person has to look", () => {
    expect(judge(winning.slice(1)).outcome).toBe("not-yet");
    expect(judge(changed(0, { bpb: 1.5 })).outcome).toBe("not-yet");
    const low = [row(43, 0.841), row(44, 0.84), row(45, 0.839)];
    expect(judge(low)).toMatchObject({ outcome: "not-yet", reasons: [], review: { length: 3 } });
  });
  it("rejected: all seeds are below the target and the test has failed", () => {
    const far = [row(43, 1.3), row(44, 1.49), row(45, 1.499)];
    expect(judge(far)).toMatchObject({ outcome: "rejected", reasons: [{ code: "not-significant" }] });
    expect(judge(winning.map((one) => ({ ...one, bpb: 1.44 }))).outcome).toBe("rejected");
  });
  it("underpowered: two seeds were registered", () => {
    const two = { registration: { ...registration, seeds: [43, 44] } };
    expect(judge(winning.slice(0, 2), two).outcome).toBe("underpowered");
    const one = { registration: { ...registration, seeds: [43] } };
    expect(judge(winning.slice(0, 1), one)).toMatchObject({ outcome: "underpowered", detectable: null });
  });
  it("empty: no row, or none that names the registration", () => {
    expect(judge([])).toMatchObject({ outcome: "empty", reasons: [] });
    const others = winning.map((one) => ({ ...one, prereg: null }));
    expect(judge(others)).toMatchObject({ outcome: "empty", judged: 0, others: 3, reasons: [] });
  });
  it("a ledger that is not sound wins nothing, not even an empty one", () => {
    const broken = readLedger(Buffer.from("garbage\n"));
    expect(judge([], { ledger: broken })).toMatchObject({
      outcome: "rejected",
      reasons: [{ code: "not-sound", line: 1 }],
    });
    const { line } = chainedLine(row(43, 1.44), noHash);
    const edited = readLedger(Buffer.from(line.replace("1.44", "1.34")));
    expect(judge([], { ledger: edited }).outcome).toBe("rejected");
  });
});

describe("what is registered", () => {
  it.each([
    [{ corpus: "demo ffffffffffff" }, "other-corpus:1"],
    [{ corpus: "demo" }, "other-corpus:1"],
    [{ protocol: "strided:8" }, "other-protocol:1"],
    [{ ts: "2025-12-31T23:59:59Z" }, "before-registration:1"],
    [{ started_at: "2025-12-31T23:59:59Z" }, "before-registration:1"],
    [{ sha: "1234567" }, "unknown-version:1"],
    [{ step: 3999 }, "before-warmup:1"],
  ])("%j: %s", (more, code) => {
    expect(codes(changed(0, more))).toEqual([code]);
    expect(judge(changed(0, more)).outcome).toBe("rejected");
  });
  it("rows may name it by its first 12 digits, and not by fewer", () => {
    expect(judge(twice(winning.map((one) => ({ ...one, prereg: id.slice(0, 12) })))).outcome).toBe("victory");
    expect(judge(winning.map((one) => ({ ...one, prereg: id.slice(0, 11) }))).outcome).toBe("empty");
  });
  it("every reason is listed with its line", () => {
    const rows = [row(43, 1.9, { step: 1 }), row(43, 1.44), row(99, 1.44, { sha: "1234567", protocol: "x" })];
    expect(codes(rows, { selectionSeeds: [43], embargo: { versions: [sha], unreadLines: [] } })).toEqual([
      "other-protocol:3",
      "duplicate-seed:2",
      "before-warmup:1",
      "unknown-version:3",
      "embargoed:1",
      "embargoed:2",
      "unregistered-seed:3",
      "seed-of-selection:1",
      "seed-of-selection:2",
      "too-few-below-target:all",
      "effect-too-small:all",
      "not-significant:all",
    ]);
  });
});

describe("without a registration", () => {
  it("the final gate asks for 1.50 against 1.55, gate 2 for 1.85 against 1.90", () => {
    expect(defaultRegistration("final")).toMatchObject({ target: 1.5, mu0: 1.55, seeds: [43, 44, 45] });
    expect(defaultRegistration("gate-2")).toMatchObject({ target: 1.85, mu0: 1.9 });
    const rows = twice(winning.map((one) => ({ ...one, bpb: one.bpb + 0.36, prereg: null })));
    expect(judge(rows, unregistered()).outcome).toBe("not-yet");
    expect(judge(rows, unregistered("gate-2")).outcome).toBe("victory");
  });
  it("all rows must be of one corpus and one protocol", () => {
    expect(codes(changed(1, { corpus: "other ffffffffffff" }), unregistered())).toEqual(["other-corpus:2"]);
    expect(codes(changed(2, { protocol: "strided:8" }), unregistered())).toEqual(["other-protocol:3"]);
    expect(codes(twice(changed(2, { corpus: "demo 0123456789ab" })), unregistered())).toEqual([]);
  });
  it("older rows are judged by what they say; what they lack is a reason", () => {
    const ledger = readLedger(Buffer.from('{"_schema":1}\n{"seed":43,"bpb":1.44,"steps":9000}\n{"bpb":1.4}\n'));
    const found = judge([], { ledger, ...unregistered() });
    expect(found.outcome).toBe("rejected");
    expect(found.reasons.map(({ code, line }) => `${code}:${line ?? "all"}`)).toEqual([
      "missing-field:2",
      "missing-field:3",
      "before-warmup:3",
      "unknown-version:2",
      "unknown-version:3",
      "unregistered-seed:3",
      "too-few-below-target:all",
      "not-significant:all",
    ]);
    expect(found.reasons.map(({ message }) => message).join(" ")).not.toContain("NaN");
  });
  it("a result below the floor of TinyShakespeare is looked at", () => {
    expect([floorOf("86c4e6aa9db7"), floorOf("86c4e6aa9db8"), floorOf("86c4"), floorOf(null)]).toEqual([
      1.85,
      null,
      null,
      null,
    ]);
    const rows = winning.map((one) => ({ ...one, corpus: "tinyshakespeare 86c4e6aa9db7", prereg: null }));
    expect(judge(rows, unregistered())).toMatchObject({ outcome: "not-yet", reasons: [], review: { length: 3 } });
  });
});

describe("for any rows", () => {
  const anyRow = fc
    .record({
      seed: fc.integer({ min: 42, max: 46 }),
      bpb: fc.oneof(fc.double({ min: 1.3, max: 1.6, noNaN: true }), fc.double({ min: 1.438, max: 1.441, noNaN: true })),
      step: fc.constantFrom(3999, 4000, 9000),
      sha: fc.constantFrom(sha, sha, sha, "1234567"),
      protocol: fc.constantFrom("chunked", "chunked", "chunked", "strided:8"),
    })
    .map(({ seed, bpb, ...more }) => row(seed, bpb, more));
  const anyRows = fc.oneof(
    fc.array(anyRow, { maxLength: 5 }),
    fc.tuple(
      ...[43, 44, 45].map((seed) => fc.double({ min: 1.43, max: 1.45, noNaN: true }).map((bpb) => row(seed, bpb))),
    ),
  );
  it("a victory has no reason, anything else has one or a note; the order does not matter", () => {
    fc.assert(
      fc.property(anyRows, (rows) => {
        const found = judge(twice(rows));
        const isQuiet = found.reasons.length + found.review.length === 0;
        expect(found.outcome === "victory" || found.outcome === "empty").toBe(isQuiet);
        expect(found.outcome === "empty").toBe(rows.length === 0);
        expect(judge(twice(rows).toReversed()).outcome).toBe(found.outcome);
        // Without the second runs nothing is won, and nothing else changes.
        expect(judge(rows).outcome).toBe(found.outcome === "victory" ? "not-yet" : found.outcome);
      }),
      { numRuns: 100 },
    );
  });
});
