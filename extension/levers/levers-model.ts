/** Rows of the view Levers: what runs, what is wrong with the ledger, and every lever by its newest verdict. Pure. */
import type { Experiment, LeverEntry, RecordedVerdict } from "../../daemon/protocol/experiments.ts";
import type { Translate } from "../translate.ts";
import type { LeverBook } from "./experiments.ts";
import { formatAge, formatChange, percentDone } from "./numbers.ts";
import {
  outcomeText,
  progressText,
  type Standing,
  standingIcon,
  standingLabel,
  standings,
  verdictsOn,
} from "./words.ts";

export interface RowIcon {
  readonly id: string;
  /** Id of a theme colour; null: the colour of text. */
  readonly colour: string | null;
}

interface Row {
  readonly id: string;
  readonly label: string;
  readonly description: string;
  readonly icon: RowIcon;
}

export interface RunningRow extends Row {
  readonly kind: "running";
  readonly experiment: Experiment;
}
/** The ledger was changed, cut or torn. */
export interface WarningRow extends Row {
  readonly kind: "warning";
  readonly path: string;
  /** From 1. */
  readonly line: number;
  readonly messages: readonly string[];
}
export interface VerdictRow extends Row {
  readonly kind: "verdict";
  readonly verdict: RecordedVerdict;
  readonly title: string;
}
export interface LeverRow extends Row {
  readonly kind: "lever";
  readonly lever: LeverEntry;
  readonly standing: Standing;
  /** Newest first; shown below the lever where there are several. */
  readonly verdicts: readonly VerdictRow[];
  /** The newest experiment of this run of the daemon that ended without a verdict, if it is newer than those. */
  readonly unfinished: Experiment | null;
}
export interface GroupRow extends Row {
  readonly kind: "group";
  readonly standing: Standing;
  readonly rows: readonly LeverRow[];
}
export type ViewRow = RunningRow | WarningRow | GroupRow | LeverRow | VerdictRow;

export interface LeversState {
  readonly book: LeverBook | null;
  readonly experiments: readonly Experiment[];
}

export interface Clock {
  /** BCP 47. */
  readonly language: string;
  /** Milliseconds since 1970. */
  readonly now: number;
}

export function leverRows({ book, experiments }: LeversState, clock: Clock, t: Translate): ViewRow[] {
  if (book === null) return [];
  const titles = new Map(book.levers.map(({ id, title }) => [id, title]));
  const running = experiments
    .filter(({ status }) => status === "running")
    .map((experiment) => runningRow(experiment, titles.get(experiment.lever) ?? experiment.lever, t));
  const rows = catalogueOf(book).map((lever) => leverRow(lever, book, experiments, clock, t));
  const groups = standings.flatMap((standing) => {
    const own = rows.filter((row) => row.standing === standing);
    return own.length === 0 ? [] : [groupRow(standing, own, t)];
  });
  return [...running, ...warningRows(book, t), ...groups];
}

/** A verdict may be about a lever that this version no longer has: it is not hidden. */
function catalogueOf({ levers, ledger }: LeverBook): LeverEntry[] {
  const known = new Set(levers.map(({ id }) => id));
  const gone = [...new Set(ledger.verdicts.map(({ lever }) => lever))].filter((id) => !known.has(id));
  const entry = { hypothesis: "", source: "", claimedDeltaBpb: null, falsifier: "", group: null };
  return [...levers, ...gone.map((id) => ({ id, title: id, ...entry }))];
}

function runningRow(experiment: Experiment, title: string, t: Translate): RunningRow {
  return {
    kind: "running",
    id: `running/${experiment.experimentId}`,
    label: t("Falsifying {0}", title),
    description: progressText(experiment, percentDone(experiment)),
    icon: { id: "loading~spin", colour: null },
    experiment,
  };
}

function warningRows({ ledger }: LeverBook, t: Translate): WarningRow[] {
  const [first] = ledger.findings;
  if (first === undefined) return [];
  return [
    {
      kind: "warning",
      id: "ledger",
      label: t("The ledger is not sound"),
      description: t("line {0}: {1}", first.line, first.message),
      icon: { id: "warning", colour: "list.errorForeground" },
      path: ledger.path,
      line: first.line,
      messages: ledger.findings.map(({ line, message }) => t("line {0}: {1}", line, message)),
    },
  ];
}

function groupRow(standing: Standing, rows: readonly LeverRow[], t: Translate): GroupRow {
  const label = standingLabel(standing, t);
  return {
    kind: "group",
    id: `group/${standing}`,
    label,
    description: String(rows.length),
    icon: standingIcon(standing),
    standing,
    rows,
  };
}

function leverRow(
  lever: LeverEntry,
  { ledger }: LeverBook,
  experiments: readonly Experiment[],
  clock: Clock,
  t: Translate,
): LeverRow {
  const verdicts = verdictsOn(ledger.verdicts, lever.id).map((one) => verdictRow(one, lever.title, clock, t));
  const [newest] = verdicts;
  const standing = newest?.verdict.outcome.verdict ?? "untested";
  const ended = experiments.findLast((one) => one.lever === lever.id && one.status !== "running");
  const isNewer = newest === undefined || (ended?.startedAt ?? 0) > Date.parse(newest.verdict.ts);
  const unfinished = ended !== undefined && ended.verdict === null && isNewer ? ended : null;
  const facts = newest === undefined ? claimText(lever, t) : describeVerdict(newest.verdict, clock, t);
  return {
    kind: "lever",
    id: `lever/${lever.id}`,
    label: lever.title,
    description: unfinished === null ? facts : `${unfinishedText(unfinished, t)} \u00b7 ${facts}`,
    icon:
      unfinished?.status === "failed" ? { id: "warning", colour: "list.warningForeground" } : standingIcon(standing),
    lever,
    standing,
    verdicts,
    unfinished,
  };
}

export function unfinishedText({ status }: Experiment, t: Translate): string {
  return status === "failed" ? t("could not be run") : t("stopped");
}

function claimText({ claimedDeltaBpb }: LeverEntry, t: Translate): string {
  return claimedDeltaBpb === null ? t("no number claimed") : t("claimed {0}", formatChange(claimedDeltaBpb));
}

function describeVerdict({ outcome, ts }: RecordedVerdict, { language, now }: Clock, t: Translate): string {
  return [outcomeText(outcome, t), formatAge(ts, language, now)].join(" \u00b7 ");
}

function verdictRow(verdict: RecordedVerdict, title: string, clock: Clock, t: Translate): VerdictRow {
  const { outcome, experimentId, line, race } = verdict;
  return {
    kind: "verdict",
    id: `verdict/${line}/${experimentId}`,
    label: `${standingLabel(outcome.verdict, t)}, ${race}`,
    description: describeVerdict(verdict, clock, t),
    icon: standingIcon(outcome.verdict),
    verdict,
    title,
  };
}
