/** The only place that shows messages. They are rare, and each offers something to do. */
import * as vscode from "vscode";

export interface Action {
  readonly title: string;
  readonly run: () => unknown;
}

type Show = (message: string, ...titles: string[]) => Thenable<string | undefined>;

/** Resolves when the message has been answered or dismissed; callers need not wait. */
async function show(present: Show, message: string, actions: readonly Action[]): Promise<void> {
  const chosen = await present(message, ...actions.map(({ title }) => title));
  await actions.find(({ title }) => title === chosen)?.run();
}

export function notifyError(message: string, first: Action, ...more: Action[]): void {
  void show(vscode.window.showErrorMessage, message, [first, ...more]);
}

export function notifyInfo(message: string, first: Action, ...more: Action[]): void {
  void show(vscode.window.showInformationMessage, message, [first, ...more]);
}

/** A question before something that cannot be undone. */
export async function confirm(question: string, detail: string, yes: string): Promise<boolean> {
  return (await vscode.window.showWarningMessage(question, { modal: true, detail }, yes)) === yes;
}

/** A question before something that costs. Undefined: no. */
export async function ask(question: string, detail: string, answers: readonly string[]): Promise<string | undefined> {
  return vscode.window.showInformationMessage(question, { modal: true, detail }, ...answers);
}

export const showLogAction = (): Action => ({
  title: vscode.l10n.t("Show log"),
  run: () => vscode.commands.executeCommand("igla.showLog"),
});
