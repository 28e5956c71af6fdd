/** A claim is mended in the kind of value that it has, and the mended file says what Coq says. */
import { describe, expect, it } from "vitest";
import { admitted, applied, factsOf, judgeText, reasonsOf, theorem } from "./fixtures.ts";

const proven = factsOf(theorem("good"));
const conditional = factsOf(theorem("good", { assumptions: [admitted("helper")] }));
const broken = factsOf(theorem("good"), { kind: "failed", message: "no", place: null, acceptedUpToLine: null });
const entry = { id: "INV-1", coq_theorem: "good", coq_file: "p.v" };

describe("the first fix of a claim", () => {
  it.each([
    ["a flag", conditional, { proof_qed: true }, { proof_qed: false }],
    ["a flag in quotes", conditional, { proof_qed: "true" }, { proof_qed: "false" }],
    ["a word as a flag", conditional, { proof_qed: "QED" }, { proof_qed: "false" }],
    ["a status in quotes that is a flag", conditional, { status: "true" }, { status: "false" }],
    ["a status that is a flag", broken, { status: true }, { status: false }],
    ["a word", conditional, { status: "Proven" }, { status: "Admitted" }],
    ["a shouted word", conditional, { status: "PROVEN" }, { status: "ADMITTED" }],
    ["a broken proof", broken, { status: "Proven" }, { status: "wip" }],
    [
      "both, two bold ones",
      conditional,
      { status: "Proven", proof_qed: true },
      { status: "Admitted", proof_qed: false },
    ],
    ["both, a modest word", conditional, { status: "wip", proof_qed: true }, { status: "wip", proof_qed: false }],
    ["both, better", proven, { status: "Admitted", proof_qed: false }, { status: "Proven", proof_qed: true }],
    ["both, open", proven, { status: "wip", proof_qed: false }, { status: "Proven", proof_qed: true }],
    ["in quotes, open", proven, { proof_qed: "false" }, { proof_qed: "true" }],
  ])("%s", (_, facts, before, after) => {
    const text = JSON.stringify({ invariants: [{ ...entry, ...before }] }, null, 2);
    const report = judgeText(text, facts);
    const codes = ["over-claim", "under-claim", "proven-in-fact", "does-not-compile"];
    const reason = reasonsOf(report).find(({ code }) => codes.includes(code));
    const [fix, ...more] = reason?.fixes ?? [];
    expect(more).toEqual([]);
    if (fix === undefined) throw new Error("nothing is offered");
    expect(JSON.parse(applied(text, fix))).toEqual({ invariants: [{ ...entry, ...after }] });
    expect(reasonsOf(judgeText(applied(text, fix), facts)).map(({ code }) => code)).not.toContain(reason?.code);
  });

  it("an over-claim stays visible beside a modest word, at the value that claims", () => {
    const report = judgeText(
      JSON.stringify({ invariants: [{ ...entry, status: "wip", proof_qed: true }] }),
      conditional,
    );
    const [invariant] = report.invariants;
    expect(invariant).toMatchObject({ claim: "Proven", claimText: "true", verdict: "over-claim" });
    expect(invariant?.reasons[0]).toMatchObject({ code: "over-claim", place: invariant?.claimPlace });
  });
});
