/** Goes to what a row is about: the lever's section of a race file, or the line of the ledger. */
import * as vscode from "vscode";
import { findRaceFiles } from "../features/race-files.ts";
import type { Experiments } from "./experiments.ts";
import type { ViewRow } from "./levers-model.ts";
import { leverSections } from "./sections.ts";
import { exists, raceUri } from "./target.ts";

/** A lever with verdicts opens the file that the newest one is about; one without the first file that names it. */
export async function openLever(row: ViewRow, experiments: Experiments): Promise<void> {
  if (row.kind === "warning") return openLine(vscode.Uri.file(row.path), row.line);
  if (row.kind === "verdict") return openVerdict(row.verdict.line, experiments);
  if (row.kind === "running") await openSection([vscode.Uri.file(row.experiment.path)], row.experiment.lever);
  if (row.kind !== "lever") return;
  const race = row.verdicts[0]?.verdict.race;
  const file = race === undefined ? undefined : raceUri(race);
  const others = await findRaceFiles();
  const before = file !== undefined && (await exists(file)) ? [file] : [];
  if (await openSection([...before, ...others], row.lever.id)) return;
  const [first] = row.verdicts;
  if (first !== undefined) await openVerdict(first.verdict.line, experiments);
}

/** @param line of the ledger, from 1 */
export async function openVerdict(line: number, { book }: Experiments): Promise<void> {
  if (book !== null) await openLine(vscode.Uri.file(book.ledger.path), line);
}

/** In the first of the files that names the lever. False: none does, and the first one was opened, if there is one. */
async function openSection(files: readonly vscode.Uri[], lever: string): Promise<boolean> {
  for (const uri of files) {
    const document = await vscode.workspace.openTextDocument(uri);
    const section = leverSections(document.getText()).find((one) => one.lever === lever);
    if (section === undefined) continue;
    const selection = new vscode.Range(section.line, section.start, section.line, section.end);
    await vscode.window.showTextDocument(document, { selection });
    return true;
  }
  const [first] = files;
  if (first !== undefined) await vscode.window.showTextDocument(first);
  return first !== undefined;
}

async function openLine(uri: vscode.Uri, line: number): Promise<void> {
  const at = new vscode.Position(line - 1, 0);
  await vscode.window.showTextDocument(uri, { selection: new vscode.Range(at, at) });
}
