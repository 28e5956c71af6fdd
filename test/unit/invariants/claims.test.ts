import { describe, expect, it } from "vitest";
import { claimOf, verdictOf } from "../../../daemon/invariants/claims.ts";
import { readAssertions } from "../../../daemon/invariants/read-assertions.ts";
import { isOverClaim } from "../../../daemon/protocol/certainty.ts";
import type { Claim, Mark, ProofStatus, Verdict } from "../../../daemon/protocol/invariant-report.ts";

const vacuous: Mark = { kind: "vacuous", reason: "true", note: "" };
const witness: Mark = { kind: "vacuous", reason: "closed-computation", note: "" };

describe("the claim table", () => {
  const rows: [Claim, ProofStatus | null, Mark[], Verdict][] = [
    ["Proven", "Proven", [], "matches"],
    ["Proven", "ProvenStd", [], "matches"],
    ["Proven", "Proven", [witness], "matches"],
    ["Proven", "Proven", [vacuous], "over-claim"],
    ["Proven", "ProvenStd", [vacuous], "over-claim"],
    ["Proven", "Conditional", [], "over-claim"],
    ["Proven", "Admitted", [], "over-claim"],
    ["Proven", "Broken", [], "broken"],
    ["Proven", null, [], "unknown"],
    ["Admitted", "Admitted", [], "matches"],
    ["Admitted", "Conditional", [], "matches"],
    ["Admitted", "Proven", [], "under-claim"],
    ["Admitted", "ProvenStd", [], "under-claim"],
    ["Admitted", "Proven", [vacuous], "matches"],
    ["Admitted", "Broken", [], "broken"],
    ["Admitted", null, [], "unknown"],
    ["open", "Broken", [], "open"],
    ["open", "Proven", [], "open"],
    ["open", null, [], "open"],
    ["none", "Admitted", [], "open"],
    ["other", "Proven", [], "open"],
  ];
  it.each(rows)("claimed %s, in truth %s %j: %s", (claim, status, marks, verdict) => {
    expect(verdictOf(claim, status, marks)).toBe(verdict);
  });

  it("counts contradictions as over-claims, and nothing else", () => {
    const all: Verdict[] = ["matches", "over-claim", "under-claim", "broken", "open", "unknown"];
    expect(all.filter(isOverClaim)).toEqual(["over-claim", "broken"]);
  });
});

describe("words of a claim", () => {
  it.each([
    ["Proven", "Proven"],
    ["PROVEN", "Proven"],
    [" proved ", "Proven"],
    ["true", "Proven"],
    ["admitted", "Admitted"],
    ["wip", "open"],
    ["Partial", "open"],
    ["TODO", "open"],
    ["in_progress", "open"],
    ["false", "open"],
    ["", "none"],
    ["verified", "other"],
  ])("%j means %s", (written, claim) => {
    expect(claimOf(written)).toBe(claim);
  });
});

describe("two claims of one entry: the stronger one counts", () => {
  const text = (fields: object) =>
    JSON.stringify({ invariants: [{ id: "INV-1", coq_theorem: "t", coq_file: "a.v", ...fields }] });
  const rows: [object, Claim, string, string[]][] = [
    [{ status: "wip", proof_qed: true }, "Proven", "true", ["claims-disagree"]],
    [{ status: "Admitted", proof_qed: true }, "Proven", "true", ["claims-disagree"]],
    [{ status: "checked", proof_qed: true }, "Proven", "true", ["claims-disagree"]],
    [{ status: "Proven", proof_qed: false }, "Proven", "Proven", ["claims-disagree"]],
    [{ status: "Proven", proof_qed: true }, "Proven", "Proven", []],
    [{ status: "Admitted", proof_qed: false }, "Admitted", "Admitted", []],
    [{ status: "wip", proof_qed: false }, "open", "wip", []],
    [{ status: "", proof_qed: true }, "Proven", "true", []],
    [{ status: null, proof_qed: true }, "Proven", "true", []],
    [{ proof_qed: "true" }, "Proven", "true", ["flag-as-text"]],
    [{ proof_qed: "QED" }, "Proven", "QED", ["flag-as-text"]],
    [{ proof_qed: "False" }, "open", "False", ["flag-as-text"]],
    [{ status: "wip", proof_qed: "true" }, "Proven", "true", ["flag-as-text", "claims-disagree"]],
    [{ status: "Admitted", proof_qed: "maybe" }, "Admitted", "Admitted", ["unknown-status"]],
    [{ proof_qed: 1 }, "none", "", ["unknown-status"]],
    [{ status: ["Proven"] }, "none", "", ["unknown-status"]],
    [{ status: true }, "Proven", "true", []],
    [{}, "none", "", []],
  ];
  it.each(rows)("%j claims %s", (fields, claim, word, codes) => {
    const { entries, problems } = readAssertions("igla_assertions.json", text(fields)) ?? { entries: [], problems: [] };
    expect([entries[0]?.claim, entries[0]?.claimed?.value ?? ""]).toEqual([claim, word]);
    expect(problems.map(({ code }) => code)).toEqual(codes);
  });
});
