/** Rows that must not count: written as a ledger's text, read back by its reader, then judged. */
import { type RowInput, rowGates } from "../../evidence/gates/ledger-row.ts";
import { readLedger } from "../../evidence/ledger/read.ts";
import { resultOf } from "../../evidence/ledger/result.ts";
import { chainedLine, type NewRow, noHash } from "../../evidence/ledger/row.ts";
import { registrationSchema } from "../../evidence/registration.ts";
import { clean, plant, type SuiteCase } from "../../evidence/suite/suite.ts";

const version = "abcdef0123456789";
const registration = registrationSchema.parse({
  hypothesis: "The candidate is below the target on all seeds.",
  subject: "candidate",
  corpusSha256: "86c4e6aa9db7",
  protocol: "chunked",
  stopRule: "Every seed once.",
  codeVersion: version,
  registeredAt: 0,
});

const sound: NewRow = {
  ts: "2026-01-01T00:00:00Z",
  agent: "falsify-suite",
  seed: 43,
  bpb: 1.44,
  step: 9000,
  sha: version.slice(0, 7),
  corpus: "demo 86c4e6aa9db7",
  protocol: "chunked",
  gate_status: "below_target_evidence",
  prereg: null,
};

/** The row after it went through a ledger. */
function read(change: Partial<NewRow>): RowInput {
  const { line } = chainedLine({ ...sound, ...change }, noHash);
  const { rows, findings } = readLedger(new TextEncoder().encode(line), 1);
  const [first] = rows;
  if (first === undefined || findings.length > 0) throw new RangeError("The ledger does not hold the row.");
  return { row: resultOf(first), registration, knownVersions: [version], embargo: { versions: [], unreadLines: [] } };
}

const violations: Readonly<Record<string, readonly [string, Partial<NewRow>, RegExp]>> = {
  "row-version": ["a code version that nobody has", { sha: "1234567" }, /no code version 1234567/],
  "row-step": ["a result from step 3999", { step: 3999 }, /step 3999 is before 4000/],
  "row-bpb-low": ["0.849 BPB", { bpb: 0.849 }, /0\.849 BPB is outside/],
  "row-bpb-high": ["2.301 BPB", { bpb: 2.301 }, /2\.301 BPB is outside/],
  "row-seed": ["seed 46 where 43, 44, 45 were registered", { seed: 46 }, /Seed 46 was not registered/],
};

/** Rows at the very edge of what is allowed. */
const edges: Readonly<Record<string, readonly [string, Partial<NewRow>]>> = {
  "row-version": ["the long form of a known version", { sha: version.toUpperCase() }],
  "row-step": ["a result from step 4000", { step: 4000 }],
  "row-bpb-low": ["0.85 BPB", { bpb: 0.85 }],
  "row-bpb-high": ["2.3 BPB", { bpb: 2.3 }],
  "row-seed": ["seed 45, the last one registered", { seed: 45 }],
};

export function rowCases(): SuiteCase[] {
  return rowGates.flatMap((gate) => {
    const [bad, edge] = [violations[gate.id], edges[gate.id]];
    return [
      ...(bad === undefined ? [] : [plant(gate, bad[0], bad[2], () => read(bad[1]))]),
      ...(edge === undefined ? [] : [clean(gate, edge[0], () => read(edge[1]))]),
    ];
  });
}
