/** `igla gate check`: the victory predicate over a ledger. The exit code is the verdict. */
import { readFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { faultOfBaseline } from "../../evidence/baseline.ts";
import { type Embargo, readEmbargo } from "../../evidence/embargo.ts";
import { resultOf } from "../../evidence/ledger/result.ts";
import { runsOf } from "../../evidence/ledger/runs.ts";
import { loadLedger } from "../../evidence/ledger/write.ts";
import {
  comparableOf,
  defaultRegistration,
  type GateName,
  judgedRows,
  judgeLedger,
  type LedgerGateInput,
  type LedgerOutcome,
} from "../../evidence/ledger-gate.ts";
import { type Registration, readRegistration } from "../../evidence/registration.ts";
import { CliError } from "../cli-error.ts";
import { commitsAround } from "../code-versions.ts";
import type { CliContext } from "../context.ts";
import { ExitCode } from "../exit-codes.ts";
import { gateLines } from "../render/gate.ts";
import { styled } from "../render/text.ts";

export interface GateOptions {
  readonly prereg?: string;
  readonly gate?: GateName;
  readonly known?: string;
  readonly embargo?: string;
  readonly selectionSeeds?: readonly number[];
  readonly baseline?: string;
  readonly json?: boolean;
}

const exitCodes: Readonly<Record<LedgerOutcome, ExitCode>> = {
  victory: ExitCode.ok,
  "not-yet": ExitCode.notYet,
  underpowered: ExitCode.underpowered,
  rejected: ExitCode.rejected,
  empty: ExitCode.empty,
};

export async function checkGate(context: CliContext, file: string, options: GateOptions): Promise<ExitCode> {
  const path = resolve(context.cwd, file);
  await readText(path, "The ledger");
  const asked = await questionOf(context, options);
  if (asked.edited !== null) {
    if (options.json) context.out.json({ ledger: path, outcome: "rejected", reasons: [asked.edited] });
    else context.out.lines([styled("red", "rejected"), `: ${asked.edited.message}`]);
    return ExitCode.rejected;
  }
  const { registration, id } = asked;
  const knownVersions = await versionsOf(context, path, options, id === null ? null : registration.codeVersion);
  const question = { ledger: await loadLedger(path), registration, registrationId: id };
  const judgement = judgeLedger({
    ...question,
    knownVersions,
    embargo: await embargoOf(context, path, options),
    selectionSeeds: options.selectionSeeds ?? [],
    baseline: await baselineOf(context, question, options),
    now: Date.now(),
  });
  const { seeds, target, mu0, minimumEffect, alpha, hypotheses, warmupSteps, test } = registration;
  const asking = { registration: id, seeds, target, mu0, minimumEffect, alpha, hypotheses, warmupSteps, test };
  if (options.json)
    context.out.json({ ledger: path, ...judgement, knownVersions: knownVersions.length, question: asking });
  else context.out.lines(...gateLines(file, judgement, asking, knownVersions.length));
  return exitCodes[judgement.outcome];
}

type Asked =
  | { readonly registration: Registration; readonly id: string | null; readonly edited: null }
  | { readonly edited: { readonly code: string; readonly message: string; readonly line: null } };

async function questionOf({ cwd }: CliContext, { prereg, gate }: GateOptions): Promise<Asked> {
  if (prereg === undefined) return { registration: defaultRegistration(gate ?? "final"), id: null, edited: null };
  const read = readRegistration(prereg, await readText(resolve(cwd, prereg), "The registration"));
  if (read.ok) return { registration: read.registration, id: read.id, edited: null };
  if (read.code === "edited") return { edited: { code: "edited-registration", message: read.message, line: null } };
  throw new CliError(`gate.${read.code}`, {
    message: `This is no registration: ${read.message}`,
    place: prereg,
    wayOut: "Name the file that was written when the question was registered.",
  });
}

/** What was registered names its version; a list or the repository tell which ones exist. */
async function versionsOf(
  { cwd }: CliContext,
  ledger: string,
  { known }: GateOptions,
  registered: string | null,
): Promise<string[]> {
  if (registered !== null) return [registered];
  if (known === undefined) return commitsAround(dirname(ledger));
  return [...readEmbargo(await readText(resolve(cwd, known), "The list of code versions")).versions];
}

export async function embargoOf({ cwd }: CliContext, ledger: string, { embargo }: GateOptions): Promise<Embargo> {
  if (embargo !== undefined) return readEmbargo(await readText(resolve(cwd, embargo), "The embargo file"));
  const beside = join(dirname(ledger), "embargo.txt");
  const text = await readFile(beside, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return "";
    throw unreadable("The embargo file", beside, error);
  });
  return readEmbargo(text);
}

type Question = Pick<LedgerGateInput, "ledger" | "registration" | "registrationId">;

async function baselineOf({ cwd }: CliContext, question: Question, { baseline }: GateOptions) {
  if (baseline === undefined && question.registration.test !== "welch-t") return [];
  if (baseline === undefined) {
    throw new CliError("gate.no-baseline", {
      message: "Welch's test was registered, which compares with the results of a baseline.",
      place: "--baseline",
      wayOut: "Name the ledger of the baseline with --baseline.",
    });
  }
  const path = resolve(cwd, baseline);
  await readText(path, "The baseline");
  const { rows, findings } = await loadLedger(path);
  const grave = findings.find(({ harmless }) => !harmless);
  if (grave !== undefined) {
    throw new CliError("gate.bad-baseline", {
      message: `The baseline is not sound: ${grave.message}`,
      place: `${path}:${grave.line}`,
      wayOut: "Run `igla ledger verify` on it.",
    });
  }
  const judged = judgedRows(question);
  const fault = faultOfBaseline(rows, judged, comparableOf(judged, question));
  if (fault !== null) {
    throw new CliError("gate.other-baseline", {
      message: fault.message,
      place: `${path}:${fault.line}`,
      wayOut: "Name a ledger whose rows have the corpus, the protocol and the steps of the results that are judged.",
    });
  }
  return runsOf(rows).results.map(({ result }) => resultOf(result));
}

async function readText(path: string, what: string): Promise<string> {
  return readFile(path, "utf8").catch((error: Error) => {
    throw unreadable(what, path, error);
  });
}

function unreadable(what: string, path: string, error: Error): CliError {
  return new CliError("gate.unreadable", {
    message: `${what} cannot be read: ${error.message}`,
    place: path,
    wayOut: "Correct the path or the file's permissions.",
  });
}
