/**
 * Race files in the editor: starts the language server when the first one is opened. The server only reads text, so it
 * also runs in folders that are not trusted.
 */
import * as vscode from "vscode";
import type { LanguageClient } from "vscode-languageclient/node";
import type { CheckParams, RaceCheck } from "../../daemon/protocol/race-check.ts";
import { raceFileLanguage } from "./language-id.ts";

export interface RaceFileLanguage extends vscode.Disposable {
  /** Starts the server where it does not run yet. */
  check(params: CheckParams): Promise<RaceCheck>;
}

export function registerLanguage(context: vscode.ExtensionContext): RaceFileLanguage {
  let client: Promise<LanguageClient> | null = null;
  const start = (): Promise<LanguageClient> => {
    client ??= startClient(context);
    // A server that could not be started is tried again with the next file.
    client.catch(() => {
      client = null;
    });
    return client;
  };
  const onOpen = (document: vscode.TextDocument): void => {
    // The client itself writes to the log why it could not start.
    if (document.languageId === raceFileLanguage) void start().catch(() => undefined);
  };
  const opening = vscode.workspace.onDidOpenTextDocument(onOpen);
  vscode.workspace.textDocuments.forEach(onOpen);
  return {
    async check(params) {
      const { checkRequest } = await import("../../daemon/protocol/race-check.ts");
      return (await start()).sendRequest<RaceCheck>(checkRequest, params);
    },
    dispose() {
      opening.dispose();
      void client?.then((running) => running.dispose()).catch(() => undefined);
    },
  };
}

async function startClient(context: vscode.ExtensionContext): Promise<LanguageClient> {
  const { startLanguageClient } = await import("./language-session.ts");
  return startLanguageClient(context.asAbsolutePath("dist/lsp.js"));
}
