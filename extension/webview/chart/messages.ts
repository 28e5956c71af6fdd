/** Everything that travels between the extension host and the chart. Both sides import it: types and constants only. */
import type { BucketSpacing } from "../../../daemon/protocol/decimate.ts";
import type { RaceStatus, TrialStatus } from "../../../daemon/protocol/events.ts";
import type { ChartStrings } from "./strings.ts";

export interface CorpusFacts {
  /** Name, first digits of the hash, tag, and whether it is a stand-in. */
  readonly label: string;
  readonly sha256: string;
}

export interface RaceFacts {
  readonly raceId: string;
  readonly name: string;
  readonly status: RaceStatus;
  readonly createdAtMs: number;
  /** Steps of the ladder's rungs. */
  readonly rungs: readonly number[];
  readonly corpus: CorpusFacts | null;
}

export interface TrialFacts {
  readonly trialId: string;
  readonly raceId: string;
  readonly label: string;
  readonly seed: number;
  readonly status: TrialStatus;
  readonly step: number;
  /** Validation results, one a rung; null when the trial diverged or failed there. */
  readonly results: readonly { readonly rung: number; readonly step: number; readonly valBpb: number | null }[];
}

/** Columns of one curve as the daemon gives them (`trial/curves`). */
export interface CurveFacts {
  readonly trialId: string;
  readonly tokensPerStep: number;
  readonly split: string;
  readonly protocol: string;
  readonly steps: readonly number[];
  /** Smoothed as the query asked. */
  readonly lossNats: readonly (number | null)[];
  readonly atMs: readonly number[];
  readonly rangePoints: number;
  readonly totalPoints: number;
  readonly lastStep: number;
  readonly ema: { readonly mean: number; readonly weight: number };
}

/** New points of one trial in order of steps; all were recorded at `atMs`. */
export interface FreshPoints {
  readonly trialId: string;
  readonly atMs: number;
  readonly steps: readonly number[];
  readonly lossNats: readonly (number | null)[];
}

/** What the chart wants to draw. A range asks for details of a part; without one the whole curves come. */
export interface CurveQuery {
  readonly smoothing: number;
  readonly spacing: BucketSpacing;
  /** Of one curve. */
  readonly maxPoints: number;
  readonly range: { readonly fromStep: number; readonly toStep: number } | null;
}

export type DaemonState = "idle" | "connecting" | "connected" | "lost" | "failed";

export type HostMessage =
  | {
      readonly kind: "init";
      readonly strings: ChartStrings;
      readonly locale: string;
      /** From the settings; a target typed into the chart goes before it. */
      readonly targetBpb: number | null;
    }
  | {
      readonly kind: "plotted";
      readonly races: readonly RaceFacts[];
      readonly trials: readonly TrialFacts[];
      /** Chosen trials that the chart leaves out because there are too many. */
      readonly leftOut: number;
    }
  /** Answer to the query with this number; `isDetail` when it had a range. Comes in several parts. */
  | {
      readonly kind: "curves";
      readonly queryId: number;
      readonly isDetail: boolean;
      readonly range: CurveQuery["range"];
      readonly curves: readonly CurveFacts[];
    }
  | { readonly kind: "points"; readonly points: readonly FreshPoints[] }
  | { readonly kind: "daemon"; readonly state: DaemonState; readonly detail: string };

export type ChartMessage =
  /** The chart's script runs and can take messages. */
  | { readonly kind: "ready" }
  | { readonly kind: "query"; readonly queryId: number; readonly query: CurveQuery }
  /** `base64`: a PNG file. */
  | { readonly kind: "save-png"; readonly base64: string }
  | { readonly kind: "save-csv" };

/** Kept by `setState`; what the chart shows after a reload of the window. */
export interface SavedView {
  readonly xAxis: XAxis;
  readonly logX: boolean;
  readonly logY: boolean;
  readonly smoothing: number;
  readonly bestSoFar: boolean;
  readonly rungLines: boolean;
  readonly table: boolean;
  /** Text of the target field; empty: the setting counts. */
  readonly target: string;
  /** Null: fitted to the data. */
  readonly zoomX: readonly [number, number] | null;
  readonly zoomY: readonly [number, number] | null;
}

export type XAxis = "steps" | "tokens" | "time";

export const defaultView: SavedView = {
  xAxis: "steps",
  logX: false,
  logY: false,
  smoothing: 0,
  bestSoFar: true,
  rungLines: true,
  table: false,
  target: "",
  zoomX: null,
  zoomY: null,
};

/** A message of the chart, or null: the host believes nothing that a webview sends. */
export function parseChartMessage(value: unknown): ChartMessage | null {
  if (!isRecord(value)) return null;
  if (value.kind === "ready" || value.kind === "save-csv") return { kind: value.kind };
  if (value.kind === "save-png") {
    return typeof value.base64 === "string" ? { kind: "save-png", base64: value.base64 } : null;
  }
  if (value.kind !== "query" || typeof value.queryId !== "number") return null;
  const query = parseQuery(value.query);
  return query === null ? null : { kind: "query", queryId: value.queryId, query };
}

function parseQuery(value: unknown): CurveQuery | null {
  if (!isRecord(value)) return null;
  const { smoothing, spacing, maxPoints, range } = value;
  if (typeof smoothing !== "number" || !(smoothing >= 0 && smoothing < 1)) return null;
  if (spacing !== "linear" && spacing !== "log") return null;
  if (typeof maxPoints !== "number" || !Number.isInteger(maxPoints) || maxPoints < 10) return null;
  if (range === null) return { smoothing, spacing, maxPoints, range: null };
  if (!isRecord(range) || !isStep(range.fromStep) || !isStep(range.toStep)) return null;
  return { smoothing, spacing, maxPoints, range: { fromStep: range.fromStep, toStep: range.toStep } };
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null;
const isStep = (value: unknown): value is number => typeof value === "number" && Number.isInteger(value) && value >= 0;
