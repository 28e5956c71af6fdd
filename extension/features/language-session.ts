/** One run of the language server. Loaded with the first file that needs it: the client's library is as large as the rest of us. */
import * as vscode from "vscode";
import {
  CloseAction,
  ErrorAction,
  LanguageClient,
  RevealOutputChannelOn,
  TransportKind,
} from "vscode-languageclient/node";
import type { ProverSettings } from "../../daemon/protocol/invariant-requests.ts";
import { proofLanguage, raceFileLanguage } from "./language-id.ts";

/** A server that ends this often is broken, not unlucky. */
const maxRestarts = 3;
/** What a hover of ours may do when it is clicked. */
const enabledCommands = ["igla.checkProofs", "igla.deepCheckProofs", "igla.showAssumptions"];
const scheme = "file";

/**
 * @param script absolute path of `dist/lsp.js`
 * @param settings asked at each start: a server that comes back may not run by what held before
 */
export async function startLanguageClient(script: string, settings: () => ProverSettings): Promise<LanguageClient> {
  let restarts = 0;
  const client = new LanguageClient(
    "igla-language",
    vscode.l10n.t("Igla Language Server"),
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
      // The server says nothing of JSON that is no assertion file, and of `.v` files that are Verilog.
      documentSelector: [
        { language: raceFileLanguage },
        { scheme, language: proofLanguage },
        { scheme, pattern: "**/*.v" },
        { scheme, language: "json" },
        { scheme, language: "jsonc" },
      ],
      initializationOptions: () => ({ proofs: settings() }),
      markdown: { isTrusted: { enabledCommands } },
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
