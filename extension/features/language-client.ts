/**
 * Race files, assertion files and proofs in the editor: starts the language server when the first of them is looked at.
 * The server reads text in any folder; it runs Coq only in those that are trusted.
 */
import * as vscode from "vscode";
import type { LanguageClient } from "vscode-languageclient/node";
import type { ProverSettings } from "../../daemon/protocol/invariant-requests.ts";
import type { CheckParams, RaceCheck } from "../../daemon/protocol/race-check.ts";
import { proofLanguage, raceFileLanguage } from "./language-id.ts";

/** What the server is asked and what it tells, whichever run of it answers. */
export interface LanguageServer extends vscode.Disposable {
  /** Null: nothing has needed it yet. */
  readonly client: Promise<LanguageClient> | null;
  /** Starts the server where it does not run yet. */
  start(): Promise<LanguageClient>;
  /** Each new run of the server. */
  readonly onDidStart: vscode.Event<LanguageClient>;
  check(params: CheckParams): Promise<RaceCheck>;
}

export function registerLanguage(context: vscode.ExtensionContext): LanguageServer {
  const started = new vscode.EventEmitter<LanguageClient>();
  let client: Promise<LanguageClient> | null = null;
  const start = (): Promise<LanguageClient> => {
    if (client === null) {
      client = startClient(context);
      client.then(
        (running) => started.fire(running),
        // A server that could not be started is tried again with the next file.
        () => {
          client = null;
        },
      );
    }
    return client;
  };
  const onOpen = (document: vscode.TextDocument): void => {
    // The client itself writes to the log why it could not start.
    if (needsServer(document)) void start().catch(() => undefined);
  };
  const tellSettings = async (): Promise<void> => {
    const { proverSettingsChanged } = await import("../../daemon/protocol/invariant-requests.ts");
    // A server that never started has nothing to be told.
    await client
      ?.then((running) => running.sendNotification(proverSettingsChanged, proverSettings()))
      .catch(() => undefined);
  };
  const subscriptions = [
    started,
    vscode.workspace.onDidOpenTextDocument(onOpen),
    vscode.workspace.onDidGrantWorkspaceTrust(tellSettings),
    vscode.workspace.onDidChangeConfiguration((change) => {
      if (change.affectsConfiguration("igla.proofs")) void tellSettings();
    }),
  ];
  vscode.workspace.textDocuments.forEach(onOpen);
  return {
    get client() {
      return client;
    },
    start,
    onDidStart: started.event,
    async check(params) {
      const { checkRequest } = await import("../../daemon/protocol/race-check.ts");
      return (await start()).sendRequest<RaceCheck>(checkRequest, params);
    },
    dispose() {
      for (const subscription of subscriptions) subscription.dispose();
      void client?.then((running) => running.dispose()).catch(() => undefined);
    },
  };
}

function needsServer({ languageId, uri }: vscode.TextDocument): boolean {
  if (languageId === raceFileLanguage || languageId === proofLanguage) return true;
  return uri.scheme === "file" && /(\.v|\/igla_assertions[^/]*\.json)$/.test(uri.path);
}

function proverSettings(): ProverSettings {
  const settings = vscode.workspace.getConfiguration("igla");
  return {
    trusted: vscode.workspace.isTrusted,
    proverPath: settings.get<string>("proofs.proverPath", "").trim(),
    enabled: settings.get<boolean>("proofs.check", true),
  };
}

async function startClient(context: vscode.ExtensionContext): Promise<LanguageClient> {
  const { startLanguageClient } = await import("./language-session.ts");
  return startLanguageClient(context.asAbsolutePath("dist/lsp.js"), proverSettings);
}
