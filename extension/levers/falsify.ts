/** From a lever to an experiment that runs: plan, one question about cost and power, start. */
import * as vscode from "vscode";
import type { Experiment, ExperimentDesign } from "../../daemon/protocol/experiments.ts";
import type { Connection } from "../connection/connection.ts";
import { savedText } from "../features/race-files.ts";
import { ask } from "../notify.ts";
import type { LeverTarget } from "./target.ts";
import { startQuestion } from "./words.ts";

/** What was shown is what is started: same text, same corpus, same seeds. */
export interface Planned {
  readonly target: LeverTarget;
  readonly configText: string;
  readonly design: ExperimentDesign;
}

/** @throws {IglaError} the codes of `experiment/plan` */
export async function plan(connection: Connection, target: LeverTarget): Promise<Planned> {
  const { path, lever, seeds } = target;
  const configText = await savedText(vscode.Uri.file(path));
  const { planExperiment } = await import("../../daemon/protocol/requests.ts");
  const design = await connection.request(planExperiment, { configText, path, lever, seeds }, { start: true });
  return { target, configText, design };
}

/** @throws {IglaError} the codes of `experiment/start` */
export async function start(connection: Connection, { target, configText, design }: Planned): Promise<Experiment> {
  const { startExperiment } = await import("../../daemon/protocol/requests.ts");
  const { path, lever } = target;
  const { corpus, seeds } = design;
  return connection.request(startExperiment, { configText, path, lever, corpus, seeds }, { start: true });
}

/** The question before a start; with one lever the number of pairs can be changed. Undefined: not wanted. */
export async function confirmed(
  connection: Connection,
  planned: readonly Planned[],
): Promise<readonly Planned[] | undefined> {
  const { t } = vscode.l10n;
  const [only] = planned;
  const canChange = planned.length === 1 && only !== undefined;
  const { text, detail } = startQuestion(
    planned.map(({ design }) => design),
    t,
  );
  const [yes, change] = [t("Start"), t("Change the pairs...")];
  const answer = await ask(text, detail, canChange ? [yes, change] : [yes]);
  if (answer === yes) return planned;
  if (answer !== change || !canChange) return undefined;
  const seeds = await askForPairs(only.design);
  if (seeds === undefined) return undefined;
  return confirmed(connection, [await plan(connection, { ...only.target, seeds })]);
}

async function askForPairs({ seeds, seedsNeeded }: ExperimentDesign): Promise<number | undefined> {
  const { t } = vscode.l10n;
  const typed = await vscode.window.showInputBox({
    title: t("Falsify a lever"),
    prompt: t("How many pairs of seeds? At least 3 decide anything."),
    value: String(seedsNeeded ?? seeds.length),
    validateInput: (text) => (isCount(text) ? undefined : t("A whole number from 1 to 1000.")),
  });
  return typed === undefined ? undefined : Number(typed);
}

function isCount(text: string): boolean {
  return /^\d{1,4}$/.test(text.trim()) && Number(text) >= 1 && Number(text) <= 1000;
}

/** Plans with a sign that something is being done: the first time a corpus may have to be downloaded. */
export async function planVisibly(connection: Connection, targets: readonly LeverTarget[]): Promise<Planned[]> {
  const title = vscode.l10n.t("Planning the experiment");
  return vscode.window.withProgress({ location: vscode.ProgressLocation.Window, title }, async () => {
    const planned: Planned[] = [];
    for (const target of targets) planned.push(await plan(connection, target));
    return planned;
  });
}
