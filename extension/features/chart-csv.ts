/** The plotted curves as CSV: every recorded point, not only those that were drawn. */
import { maxPlotPoints, trialCurves } from "../../daemon/protocol/requests.ts";
import type { RaceState, TrialState } from "../../daemon/protocol/state.ts";
import type { Connection } from "../connection/connection.ts";
import type { CurveFacts } from "../webview/chart/messages.ts";

export const csvHeader =
  "race,race_name,trial,seed,kind,step,tokens,recorded_at,bpb,corpus,corpus_sha256,split,protocol,status";

/**
 * Rows of one trial: its training points (mean loss since the point before, in bits per byte), then its validation
 * results. A result has no time of its own.
 */
export function csvRows(race: RaceState, trial: TrialState, curve: CurveFacts): string[] {
  const { split, protocol, tokensPerStep } = curve;
  const row = (kind: string, step: number, at: string, bpb: number | null) =>
    [
      race.raceId,
      race.name,
      trial.trialId,
      trial.seed,
      kind,
      step,
      step * tokensPerStep,
      at,
      bpb ?? "",
      race.corpus?.name ?? "",
      race.corpus?.sha256 ?? "",
      split,
      protocol,
      trial.status,
    ]
      .map(field)
      .join(",");
  const training = curve.steps.map((step, index) => {
    const loss = curve.lossNats[index] ?? null;
    return row("train", step, new Date(curve.atMs[index] ?? 0).toISOString(), loss === null ? null : loss / Math.LN2);
  });
  const validation = trial.results.map(({ step, valBpb }) => row("validation", step, "", valBpb));
  return [...training, ...validation];
}

/** RFC 4180; a text that a spreadsheet would take for a formula gets an apostrophe. */
export function field(value: string | number): string {
  if (typeof value === "number") return String(value);
  const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** All points of a curve; one that is too long for an answer comes in halves. */
export async function wholeCurve(
  connection: Pick<Connection, "request">,
  trialId: string,
  maxPoints = maxPlotPoints,
): Promise<CurveFacts> {
  const read = async (fromStep: number, toStep: number | null): Promise<CurveFacts> => {
    const { curves } = await connection.request(trialCurves, { trialIds: [trialId], maxPoints, fromStep, toStep });
    const [curve] = curves;
    if (curve === undefined) throw new Error(`no curve of ${trialId}`);
    if (curve.rangePoints === curve.steps.length) return curve;
    const middle = Math.floor((fromStep + (toStep ?? curve.lastStep)) / 2);
    return joined(await read(fromStep, middle), await read(middle + 1, toStep));
  };
  return read(0, null);
}

/** Two neighbouring ranges overlap by the points that each carries beyond its border. */
function joined(before: CurveFacts, after: CurveFacts): CurveFacts {
  const last = before.steps.at(-1) ?? 0;
  const from = after.steps.findIndex((step) => step > last);
  if (from < 0) return before;
  const steps = [...before.steps, ...after.steps.slice(from)];
  return {
    ...after,
    steps,
    lossNats: [...before.lossNats, ...after.lossNats.slice(from)],
    atMs: [...before.atMs, ...after.atMs.slice(from)],
    rangePoints: steps.length,
  };
}
