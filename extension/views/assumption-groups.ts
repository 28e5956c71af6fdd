/** What a theorem rests on, the worst first. Pure. */
import type { Assumption, AssumptionKind } from "../../daemon/protocol/invariant-report.ts";
import type { Translate } from "../translate.ts";

export interface AssumptionGroup {
  readonly title: string;
  /** At least one. */
  readonly members: readonly Assumption[];
}

export function assumptionGroups(assumptions: readonly Assumption[], t: Translate): AssumptionGroup[] {
  const titles: readonly (readonly [AssumptionKind, string])[] = [
    ["admitted", t("Admitted proofs")],
    ["project-axiom", t("Axioms of this project")],
    ["unsafe", t("Checks that were switched off")],
    ["standard", t("Axioms of the standard library")],
  ];
  return titles.flatMap(([kind, title]) => {
    const members = assumptions.filter((one) => one.kind === kind);
    return members.length === 0 ? [] : [{ title, members }];
  });
}
