/** Gives proofs their language: `.v` may be Coq or Verilog, so the server reads the text before anything is claimed. */
import * as vscode from "vscode";
import { isProofRequest } from "../../daemon/protocol/invariant-requests.ts";
import type { LanguageServer } from "../features/language-client.ts";
import { proofLanguage } from "../features/language-id.ts";

export function registerCoqFiles(language: LanguageServer, log: (message: string) => void): vscode.Disposable {
  const look = async (document: vscode.TextDocument): Promise<void> => {
    const { uri, languageId } = document;
    // Another extension that knows the language is left alone.
    if (uri.scheme !== "file" || !uri.path.endsWith(".v") || languageId !== "plaintext") return;
    try {
      const client = await language.start();
      const isProof = await client.sendRequest<boolean>(isProofRequest, { uri: uri.toString() });
      if (isProof && !document.isClosed) await vscode.languages.setTextDocumentLanguage(document, proofLanguage);
    } catch (error) {
      log(`The language of ${uri.fsPath} could not be told: ${String(error)}`);
    }
  };
  vscode.workspace.textDocuments.forEach((document) => void look(document));
  return vscode.workspace.onDidOpenTextDocument((document) => void look(document));
}
