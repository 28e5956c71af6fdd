/** INV-1 while a race trains: the trials of a group that reach the first rung are looked at, once each. */
import { type Descent, judgeDescent } from "../invariants/preflight/descent.ts";
import { invariantNumber } from "../invariants/preflight/preflight.ts";
import type { EventDraft } from "../protocol/events.ts";
import type { GuardFinding } from "../protocol/guards.ts";
import { readCurve } from "../store/curves.ts";
import type { AppendView } from "../store/store.ts";
import type { LaneOutcome } from "./commit.ts";

/** Points of one curve that are read; a first rung has far fewer. */
const maxPoints = 5000;

/** @param outcomes of the group that is being committed. @returns nothing unless INV-1 guards the race */
export async function descentDrafts(
  { state, trx }: AppendView,
  outcomes: ReadonlyMap<string, LaneOutcome>,
): Promise<readonly EventDraft[]> {
  const watching = state.guards.filter(({ id, outcome }) => invariantNumber(id) === 1 && outcome !== "not-applicable");
  if (watching.length === 0) return [];
  const drafts: EventDraft[] = [];
  for (const trialId of state.group?.trialIds ?? []) {
    const isFirst = state.trials[trialId]?.job?.rung === 0;
    if (!isFirst || outcomes.get(trialId)?.outcome.kind !== "finished") continue;
    const { points } = await readCurve(trx, trialId, 0, maxPoints);
    const descent = judgeDescent(points);
    if (descent === null) continue;
    for (const finding of watching) {
      // One trial that learns is told of; after that only those that do not.
      const isNews = !descent.falls || (finding.outcome === "later" && drafts.length === 0);
      if (isNews) drafts.push({ kind: "guard", finding: found(finding, trialId, descent), trialId });
    }
  }
  return drafts;
}

function found(finding: GuardFinding, trialId: string, { falls, firstNats, lastNats, toStep }: Descent): GuardFinding {
  const losses = `from ${firstNats.toFixed(3)} to ${lastNats.toFixed(3)} nats per byte by step ${toStep}`;
  if (falls) return { ...finding, outcome: "holds", detail: `The training loss of ${trialId} fell ${losses}.` };
  const goesOn = finding.action === "abort" ? " The race had begun and goes on." : "";
  const detail = `The training loss of ${trialId} did not fall: ${losses}.${goesOn}`;
  return { ...finding, outcome: "violated", detail };
}
