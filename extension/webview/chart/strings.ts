/** Texts of the chart. The host translates them; `{0}`, `{1}` stand for values that the chart fills in. */
export interface ChartStrings {
  readonly title: string;
  readonly bpbAxis: string;
  readonly xAxis: string;
  readonly steps: string;
  readonly tokens: string;
  readonly time: string;
  readonly logX: string;
  readonly logY: string;
  readonly smoothing: string;
  readonly bestSoFar: string;
  readonly rungs: string;
  readonly target: string;
  readonly targetHint: string;
  readonly reset: string;
  readonly png: string;
  readonly csv: string;
  readonly savePng: string;
  readonly saveCsv: string;
  readonly table: string;
  readonly chart: string;
  readonly train: string;
  readonly trainSmoothed: string;
  readonly validation: string;
  readonly inactive: string;
  readonly nothingPlotted: string;
  readonly noCurve: string;
  readonly leftOut: string;
  readonly incomparable: string;
  readonly corpusUnknown: string;
  readonly daemonLost: string;
  readonly daemonFailed: string;
  readonly help: string;
  readonly summary: string;
  readonly summaryBest: string;
  readonly moreTrials: string;
  readonly columnTrial: string;
  readonly columnRace: string;
  readonly columnSeed: string;
  readonly columnState: string;
  readonly columnStep: string;
  readonly columnTrain: string;
  readonly columnValidation: string;
  readonly columnAtStep: string;
  readonly statusWaiting: string;
  readonly statusRunning: string;
  readonly statusPaused: string;
  readonly statusHeld: string;
  readonly statusCompleted: string;
  readonly statusKilled: string;
  readonly statusFailed: string;
  readonly statusDiverged: string;
  readonly statusStopped: string;
}

/** English, for tests and until the host has answered. */
export const englishStrings: ChartStrings = {
  title: "Bits per byte",
  bpbAxis: "bits per byte",
  xAxis: "X axis",
  steps: "Steps",
  tokens: "Tokens",
  time: "Time",
  logX: "Log X",
  logY: "Log Y",
  smoothing: "Smoothing",
  bestSoFar: "Best so far",
  rungs: "Rungs",
  target: "Target",
  targetHint: "BPB",
  reset: "Reset View",
  png: "PNG",
  csv: "CSV",
  savePng: "Save the chart as a PNG image",
  saveCsv: "Save all points of the plotted curves as a CSV table",
  table: "Table",
  chart: "Chart",
  train: "train",
  trainSmoothed: "train, smoothed {0}",
  validation: "validation ({0})",
  inactive: "paused or ended",
  nothingPlotted: "No trial is plotted. Tick trials in the race tree.",
  noCurve: "The chosen trials have no points yet.",
  leftOut: "{0} more trials are ticked; the chart shows {1}.",
  incomparable: "These curves have different corpora, splits or protocols: do not compare their numbers.",
  corpusUnknown: "corpus not loaded yet",
  daemonLost: "The connection to the daemon is lost. The chart goes on when it is back.",
  daemonFailed: "The daemon does not run: {0}",
  help: "Drag to zoom, Shift+drag or wheel to pan, Ctrl+wheel to zoom. Keys: arrows choose point and trial, + and - zoom, Shift+arrows pan, 0 resets.",
  summary: "{0} trials plotted, {1} running.",
  summaryBest: "Best validation: {0} BPB at step {1}, trial {2}.",
  moreTrials: "{0} more",
  columnTrial: "Trial",
  columnRace: "Race",
  columnSeed: "Seed",
  columnState: "State",
  columnStep: "Step",
  columnTrain: "Train BPB",
  columnValidation: "Validation BPB",
  columnAtStep: "at step",
  statusWaiting: "waiting",
  statusRunning: "running",
  statusPaused: "paused",
  statusHeld: "held",
  statusCompleted: "completed",
  statusKilled: "killed",
  statusFailed: "failed",
  statusDiverged: "diverged",
  statusStopped: "stopped",
};

/** `template` with `{0}`, `{1}`, ... replaced. */
export function fill(template: string, ...values: readonly (string | number)[]): string {
  return template.replace(/\{(\d+)\}/g, (place, index) => String(values[Number(index)] ?? place));
}
