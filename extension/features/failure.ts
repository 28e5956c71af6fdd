/** Turns what went wrong into one message with a way out. */
import * as vscode from "vscode";
import type { IglaError } from "../../daemon/protocol/errors.ts";
import { type Action, notifyError, showLogAction } from "../notify.ts";

/** The message in the user's language; the details that the daemon gave stay as they are. */
export async function localMessage(error: unknown): Promise<string> {
  const { errorTable, IglaError } = await import("../../daemon/protocol/errors.ts");
  if (!(error instanceof IglaError)) return error instanceof Error ? error.message : String(error);
  const message = vscode.l10n.t(errorTable[error.code].message);
  return error.detail === "" ? message : `${message} ${error.detail}`;
}

interface Diagnostic {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** Opens the file at the first mistake that the daemon named. */
function openFileAction({ file, line, column }: Diagnostic): Action {
  return {
    title: vscode.l10n.t("Open race file"),
    run: async () => {
      const at = new vscode.Position(Math.max(0, line - 1), Math.max(0, column - 1));
      await vscode.window.showTextDocument(vscode.Uri.file(file), { selection: new vscode.Range(at, at) });
    },
  };
}

function actionFor(error: IglaError): Action | null {
  const [first] = Array.isArray(error.data) ? (error.data as Partial<Diagnostic>[]) : [];
  if (error.code === "race.bad-config" && typeof first?.file === "string") {
    return openFileAction({ file: first.file, line: first.line ?? 1, column: first.column ?? 1 });
  }
  const restarts = error.code.startsWith("daemon.") || error.code.startsWith("protocol.");
  if (!restarts) return null;
  const run = () => vscode.commands.executeCommand("igla.restartDaemon");
  return { title: vscode.l10n.t("Restart daemon"), run };
}

/** For commands: whatever `work` throws becomes a message. True when it succeeded. */
export async function reportFailure(log: vscode.LogOutputChannel, work: () => Promise<unknown>): Promise<boolean> {
  try {
    await work();
    return true;
  } catch (error) {
    const { IglaError } = await import("../../daemon/protocol/errors.ts");
    log.error(error instanceof Error ? error : String(error));
    const action = error instanceof IglaError ? actionFor(error) : null;
    const message = await localMessage(error);
    if (action === null) notifyError(message, showLogAction());
    else notifyError(message, action, showLogAction());
    return false;
  }
}
