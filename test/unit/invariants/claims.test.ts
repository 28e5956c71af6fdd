import { describe, expect, it } from "vitest";
import { claimOf, isOverClaim, verdictOf } from "../../../daemon/invariants/claims.ts";
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
