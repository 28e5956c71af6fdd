/** Which lever of which race file a command means: its argument, a row of the view, else questions. */
import * as vscode from "vscode";
import type { LeverEntry } from "../../daemon/protocol/experiments.ts";
import { findRaceFiles, servedFolder } from "../features/race-files.ts";
import type { Experiments, LeverBook } from "./experiments.ts";
import type { ViewRow } from "./levers-model.ts";
import { formatChange } from "./numbers.ts";
import { leverSections } from "./sections.ts";
import { outcomeText, standingLabel, verdictsOn } from "./words.ts";

/** What code lenses, tests and other extensions pass. */
export interface LeverTarget {
  /** Race file, absolute. */
  readonly path: string;
  readonly lever: string;
  /** How many pairs; absent: the daemon's default. */
  readonly seeds?: number;
}

/** Menus of files and editors pass the race file. */
export type Argument = Partial<LeverTarget> | vscode.Uri | ViewRow | undefined;

/** Undefined: the user changed his mind, or there is no race file. @throws {IglaError} no daemon */
export async function askForTarget(argument: Argument, experiments: Experiments): Promise<LeverTarget | undefined> {
  const { path, lever, seeds } = await givenBy(argument);
  const file = path ?? (await pickFile(preferred(lever, experiments.book)))?.fsPath;
  if (file === undefined) return undefined;
  const id = lever ?? (await pickLever(file, await experiments.readLedger()));
  return id === undefined ? undefined : { path: file, lever: id, ...(seeds === undefined ? {} : { seeds }) };
}

async function givenBy(argument: Argument): Promise<Partial<LeverTarget>> {
  if (argument instanceof vscode.Uri) return { path: argument.fsPath };
  if (argument === undefined || !("kind" in argument)) return argument ?? {};
  if (argument.kind === "lever") return { lever: argument.lever.id };
  if (argument.kind !== "verdict") return {};
  const { lever, race } = argument.verdict;
  const file = raceUri(race);
  const isThere = file !== undefined && (await exists(file));
  return isThere ? { lever, path: file.fsPath } : { lever };
}

/** @param race relative to the served folder, with `/` */
export function raceUri(race: string): vscode.Uri | undefined {
  const folder = servedFolder();
  return folder === undefined ? undefined : vscode.Uri.joinPath(folder.uri, race);
}

/** The file that the newest verdict on the lever is about. */
function preferred(lever: string | undefined, book: LeverBook | null): string | undefined {
  const race = verdictsOn(book?.ledger.verdicts ?? [], lever ?? "")[0]?.race;
  return race === undefined ? undefined : raceUri(race)?.fsPath;
}

/** The one in the editor first, then the one that was tried before. */
async function pickFile(before: string | undefined): Promise<vscode.Uri | undefined> {
  const active = vscode.window.activeTextEditor?.document.uri.fsPath;
  const rank = ({ fsPath }: vscode.Uri) => (fsPath === active ? 0 : fsPath === before ? 1 : 2);
  const files = (await findRaceFiles()).sort((a, b) => rank(a) - rank(b));
  const { t } = vscode.l10n;
  if (files.length === 0) {
    const { IglaError } = await import("../../daemon/protocol/errors.ts");
    throw new IglaError("experiment.bad-design", t("There is no race file in this folder. Create one first."));
  }
  if (files.length === 1) return files[0];
  const items = files.map((uri) => ({ label: vscode.workspace.asRelativePath(uri), uri }));
  const placeHolder = t("In which race file?");
  return (await vscode.window.showQuickPick(items, { title: t("Falsify a lever"), placeHolder }))?.uri;
}

async function pickLever(path: string, { levers, ledger }: LeverBook): Promise<string | undefined> {
  const { t } = vscode.l10n;
  const document = await vscode.workspace.openTextDocument(vscode.Uri.file(path));
  const own = new Set(leverSections(document.getText()).map(({ lever }) => lever));
  const item = (lever: LeverEntry) => {
    const newest = verdictsOn(ledger.verdicts, lever.id)[0]?.outcome;
    const claim =
      lever.claimedDeltaBpb === null ? t("no number claimed") : t("claimed {0}", formatChange(lever.claimedDeltaBpb));
    const standing =
      newest === undefined ? claim : `${standingLabel(newest.verdict, t)} \u00b7 ${outcomeText(newest, t)}`;
    return { label: lever.title, description: standing, detail: lever.hypothesis, id: lever.id };
  };
  const group = (label: string, entries: readonly LeverEntry[]) =>
    entries.length === 0 ? [] : [{ label, kind: vscode.QuickPickItemKind.Separator, id: "" }, ...entries.map(item)];
  const items = [
    ...group(
      t("in this file"),
      levers.filter(({ id }) => own.has(id)),
    ),
    ...group(
      t("not in this file: with their defaults"),
      levers.filter(({ id }) => !own.has(id)),
    ),
  ];
  const options = { title: t("Falsify a lever"), placeHolder: t("Which lever?"), matchOnDescription: true };
  return (await vscode.window.showQuickPick(items, options))?.id;
}

/** A file that vanished is no place to go. */
export async function exists(uri: vscode.Uri): Promise<boolean> {
  return vscode.workspace.fs.stat(uri).then(
    () => true,
    () => false,
  );
}
