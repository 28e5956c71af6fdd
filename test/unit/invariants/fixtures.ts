/** One proof, what Coq might say of it, and a judge for texts of assertion files. */
import { scanProof } from "../../../daemon/invariants/coq/scan.ts";
import type { FactAssumption, ProofFacts, TheoremFacts } from "../../../daemon/invariants/facts.ts";
import { judgeFolder } from "../../../daemon/invariants/judge.ts";
import { readAssertions } from "../../../daemon/invariants/read-assertions.ts";
import type { AssertionFileReport, Fix, Reason } from "../../../daemon/protocol/invariant-report.ts";

export const path = "assertions/igla_assertions.json";
const proof = `Axiom postulate : forall n : nat, n = n.
Lemma helper : forall n : nat, n <= n. Admitted.
Lemma other : forall n : nat, n <= n. Admitted.
Theorem good : forall n : nat, n = n. Proof. reflexivity. Qed.
`;

export const admitted = (name: string): FactAssumption => ({
  qualifiedName: `P.${name}`,
  type: "T",
  kind: "admitted",
  declaredIn: { path: "p.v", name },
});

export function theorem(name: string, rest: Partial<TheoremFacts> = {}): TheoremFacts {
  return { name, qualifiedName: `P.${name}`, assumptions: [], assumesItself: false, vacuity: [], ...rest };
}

/** Coq's words about `good`; `outcome`: about the whole file. */
export function factsOf(
  good: TheoremFacts,
  outcome: ProofFacts["outcome"] = { kind: "compiled" },
): ReadonlyMap<string, ProofFacts> {
  const facts: ProofFacts = {
    path: "p.v",
    sourceSha256: "now",
    needs: [],
    outcome,
    declarations: [],
    theorems: { good, helper: theorem("helper", { assumesItself: true }) },
    prover: "coqc 8.16.1",
    elapsedMs: 1,
    checkedAt: 0,
    trustFlags: [],
    deepCheck: null,
  };
  return new Map([[facts.path, facts]]);
}

export function judgeText(text: string, facts: ReadonlyMap<string, ProofFacts>): AssertionFileReport {
  const source = readAssertions(path, text);
  const { assertionFiles } = judgeFolder({
    folder: "/f",
    assertions: source === null ? [] : [source],
    scans: [scanProof("p.v", proof)],
    facts,
    sources: new Map([["p.v", "now"]]),
    unknownBecause: () => "not-asked",
    prover: { name: "coqc 8.16.1" },
    checking: false,
    unread: () => ({ kind: "missing" }),
  });
  const [report] = assertionFiles;
  if (report === undefined) throw new Error("not read as a file of invariants");
  return report;
}

export function reasonsOf({ reasons, invariants }: AssertionFileReport): Reason[] {
  return [...reasons, ...invariants.flatMap((one) => one.reasons)];
}

/** As an editor does: the last edit first, so that the places of the others hold. */
export function applied(text: string, { edits }: Fix): string {
  const mark = text.startsWith("\ufeff") ? 1 : 0;
  const starts = [mark, ...[...text.matchAll(/\r\n|\n|\r/g)].map(({ index, 0: end }) => index + end.length)];
  const offset = ({ line, character }: Fix["edits"][number]["range"]["start"]) => (starts[line] ?? 0) + character;
  const sorted = edits.toSorted((a, b) => offset(b.range.start) - offset(a.range.start));
  return sorted.reduce(
    (left, { range, newText }) => left.slice(0, offset(range.start)) + newText + left.slice(offset(range.end)),
    text,
  );
}
