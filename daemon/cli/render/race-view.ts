/** A race as lines of text: the live picture, and the milestones for output that cannot be redrawn. */
import { corpusLabel } from "../../data/tag.ts";
import type { IglaEvent } from "../../protocol/events.ts";
import { describeGuard } from "../../protocol/guards.ts";
import type { RaceState } from "../../protocol/state.ts";
import { formatBpb, formatCount, formatDuration, formatPoint } from "./format.ts";
import { percent, progressBar } from "./progress-bar.ts";
import { doneSteps, expectedSteps, raceFraction, secondsLeft } from "./race-progress.ts";
import { raceStandings, standingsTable } from "./standings.ts";
import { type Line, type Style, styled } from "./text.ts";

/** What the view needs besides the state. */
export interface ViewContext {
  readonly width: number;
  /** Terminal rows; the table shows what fits. */
  readonly rows: number;
  /** Steps per second summed over lanes, over the last minute; null when not known yet. */
  readonly stepsPerSec: number | null;
}

const BAR_WIDTH = 24;
/** Lines around the table, and the one that the cursor stands on. */
const OTHER_LINES = 8;

export function raceView(state: RaceState, context: ViewContext): Line[] {
  const standings = raceStandings(state);
  const shown = standings.slice(0, Math.max(3, context.rows - OTHER_LINES));
  const hidden = standings.length - shown.length;
  const rest: Line[] = hidden > 0 ? [[styled("dim", `and ${hidden} more`)]] : [];
  return [
    ...raceHeader(state),
    progressLine(state, context),
    speedLine(state, context),
    [],
    ...standingsTable(shown, context.width),
    ...rest,
  ];
}

/** What is raced on what. A stand-in corpus is named in yellow: it is not what the file asked for. */
export function raceHeader(state: RaceState): Line[] {
  const { corpus, backend } = state;
  const parameters = state.parameters === null ? "" : ` · ${formatCount(state.parameters)} parameters`;
  const title: Line = [styled("bold", state.name || state.raceId), ` ${state.raceId}${parameters}`];
  const standIn = corpus?.origin === "offline stand-in";
  const source = corpus === null ? "corpus not read yet" : corpusLabel(corpus);
  const device = backend === null ? "" : ` · ${backend.kind}: ${backend.description}`;
  return [title, [standIn ? styled("yellow", source) : source, device]];
}

function progressLine(state: RaceState, { width, stepsPerSec }: ViewContext): Line {
  const fraction = raceFraction(state);
  const expected = expectedSteps(state);
  const steps = `${formatCount(doneSteps(state))}${expected === null ? "" : ` of ${formatCount(expected)}`} steps`;
  const started = Object.keys(state.trials).length;
  const trials = `${started}${state.maxTrials === null ? "" : ` of ${state.maxTrials}`} trials`;
  const left = state.status === "running" ? secondsLeft(state, stepsPerSec) : null;
  const parts = [trials, steps, ...(left === null ? [] : [`${formatDuration(left)} left`])];
  const text = ` ${fraction === null ? "" : `${percent(fraction)}  `}${parts.join(" · ")}`;
  const bar = fraction === null ? "" : progressBar(fraction, Math.min(BAR_WIDTH, Math.max(0, width - text.length)));
  return [styled("cyan", bar), text];
}

function speedLine(state: RaceState, { stepsPerSec }: ViewContext): Line {
  const parts: string[] = [];
  if (state.speed !== null) parts.push(`${formatCount(state.speed.tokensPerSec)} tokens/s`);
  if (stepsPerSec !== null) parts.push(`${formatCount(stepsPerSec)} steps/s`);
  if (state.group !== null && state.group.trialIds.length > 1)
    parts.push(`${state.group.trialIds.length} trials at once`);
  if (state.best !== null) parts.push(`best ${formatBpb(state.best.valBpb)} BPB (${state.best.trialId})`);
  const status =
    state.status === "running"
      ? []
      : [styled("yellow", `${state.status}${state.reason ? `: ${state.reason}` : ""}`), "  "];
  return [...status, styled("dim", parts.join(" · ") || "preparing")];
}

/** The line that an event deserves where nothing can be redrawn, or null. `state` includes the event. */
export function eventLine(event: IglaEvent, state: RaceState): Line | null {
  switch (event.kind) {
    case "group-info":
      return state.groupCount <= 1
        ? [`corpus ${corpusLabel(event.corpus)} · ${formatCount(event.parameters)} parameters`]
        : null;
    case "lanes-fixed":
      return [`engine ${event.backend.kind}: ${event.backend.description}`];
    case "rung-result":
      return resultLine(event, state);
    case "decision":
      return event.action === "kill" ? [styled("yellow", `${event.trialId} killed: ${event.rule}`)] : null;
    case "race-state":
      return [`race ${event.raceId} ${event.status}${event.detail ? `: ${event.detail}` : ""}`];
    case "trainer":
      return event.status === "exited" || event.status === "failed"
        ? [styled("yellow", `trainer ${event.status}${event.detail ? `: ${event.detail}` : ""}`)]
        : null;
    case "replay-mismatch":
      return [
        styled("red", `${event.trialId} step ${event.step}: a repeated ${event.what} differs from the stored one`),
      ];
    case "guard":
      return event.finding.outcome === "violated" ? [styled("yellow", describeGuard(event.finding))] : null;
    case "notice":
      return [styled(noticeStyle[event.level], `${event.code} ${event.message}`)];
    default:
      return null;
  }
}

const noticeStyle: Record<"info" | "warning" | "error", Style> = { info: "dim", warning: "yellow", error: "red" };

function resultLine(event: Extract<IglaEvent, { kind: "rung-result" }>, state: RaceState): Line {
  const { outcome, trialId, step } = event;
  const fraction = raceFraction(state);
  const share = fraction === null ? "" : `${percent(fraction)}  `;
  if (outcome.kind === "failed") return [styled("red", `${share}${trialId} failed: ${outcome.message}`)];
  if (outcome.kind === "diverged") return [styled("red", `${share}${trialId} diverged at step ${outcome.step}`)];
  const point = state.trials[trialId]?.point ?? {};
  const best = state.best?.trialId === trialId && state.best.valBpb === outcome.evaluation.valBpb ? "  (best)" : "";
  return [`${share}${trialId} step ${step}: ${formatBpb(outcome.evaluation.valBpb)} BPB${best}  ${formatPoint(point)}`];
}
