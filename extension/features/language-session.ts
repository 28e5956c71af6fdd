/** One run of the language server. Loaded with the first race file: the client's library is as large as the rest of us. */
import * as vscode from "vscode";
import {
  CloseAction,
  ErrorAction,
  LanguageClient,
  RevealOutputChannelOn,
  TransportKind,
} from "vscode-languageclient/node";
import { raceFileLanguage } from "./language-id.ts";

/** A server that ends this often is broken, not unlucky. */
const maxRestarts = 3;

/** @param script absolute path of `dist/lsp.js` */
export async function startLanguageClient(script: string): Promise<LanguageClient> {
  let restarts = 0;
  const client = new LanguageClient(
    "igla-language",
    vscode.l10n.t("Igla Race Files"),
    {
      command: process.execPath,
      args: [script],
      transport: TransportKind.stdio,
      // What debuggers and launchers of VS Code hand down is not meant for the server.
      options: {
        env: { ...process.env, ELECTRON_RUN_AS_NODE: "1", NODE_OPTIONS: "", VSCODE_INSPECTOR_OPTIONS: "" },
      },
    },
    {
      documentSelector: [{ language: raceFileLanguage }],
      revealOutputChannelOn: RevealOutputChannelOn.Never,
      initializationFailedHandler: () => false,
      // Without messages: a file without completion can still be edited, and the log says why.
      errorHandler: {
        error: () => ({ action: ErrorAction.Continue, handled: true }),
        closed: () => ({
          action: restarts++ < maxRestarts ? CloseAction.Restart : CloseAction.DoNotRestart,
          handled: true,
        }),
      },
    },
  );
  await client.start();
  return client;
}
