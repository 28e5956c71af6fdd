/** The built language server as a process, spoken to as an editor does. */
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath, pathToFileURL } from "node:url";
import {
  createMessageConnection,
  type MessageConnection,
  StreamMessageReader,
  StreamMessageWriter,
} from "vscode-jsonrpc/node";
import type { ClientCapabilities, Diagnostic, InitializeResult } from "vscode-languageserver";
import type { ProverSettings } from "../../daemon/protocol/invariant-requests.ts";

export interface Published {
  readonly uri: string;
  readonly version?: number;
  readonly diagnostics: Diagnostic[];
}

const script = fileURLToPath(new URL("../../dist/lsp.js", import.meta.url));

export class ServerUnderTest {
  readonly child: ChildProcessWithoutNullStreams;
  readonly connection: MessageConnection;
  readonly published: Published[] = [];
  stderr = "";
  #waiting: (() => void)[] = [];

  constructor(env: Readonly<Record<string, string>> = {}) {
    this.child = spawn(process.execPath, [script], { stdio: "pipe", env: { ...process.env, ...env } });
    this.child.stderr.setEncoding("utf8").on("data", (text: string) => {
      this.stderr += text;
    });
    this.connection = createMessageConnection(
      new StreamMessageReader(this.child.stdout),
      new StreamMessageWriter(this.child.stdin),
    );
    this.connection.onNotification("textDocument/publishDiagnostics", (params: Published) => {
      this.published.push(params);
      for (const wake of this.#waiting.splice(0)) wake();
    });
    this.connection.listen();
  }

  /**
   * @param folders absolute paths of the workspace
   * @param more what else the editor can do with its workspace
   */
  async initialize(
    folders: readonly string[] = [],
    proofs?: ProverSettings,
    more: ClientCapabilities["workspace"] = {},
  ): Promise<InitializeResult> {
    const completionItem = { snippetSupport: true };
    const capabilities = {
      textDocument: { completion: { completionItem } },
      workspace: { workspaceFolders: true, ...more },
    };
    const result = await this.connection.sendRequest<InitializeResult>("initialize", {
      processId: process.pid,
      rootUri: null,
      capabilities,
      workspaceFolders: folders.map((folder) => ({ uri: pathToFileURL(folder).href, name: folder })),
      ...(proofs === undefined ? {} : { initializationOptions: { proofs } }),
    });
    await this.connection.sendNotification("initialized", {});
    return result;
  }

  open(uri: string, text: string, languageId = "igla-toml"): Promise<void> {
    const textDocument = { uri, languageId, version: 1, text };
    return this.connection.sendNotification("textDocument/didOpen", { textDocument });
  }

  /** The newest diagnostics of a document, once those of `version` have arrived. */
  async diagnostics(uri: string, version: number): Promise<Diagnostic[]> {
    while (true) {
      const found = this.published.findLast((one) => one.uri === uri && (one.version ?? 0) >= version);
      if (found) return found.diagnostics;
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  /** The newest diagnostics of a document that `isWanted` accepts. @throws {Error} they do not come */
  async diagnosticsUntil(
    uri: string,
    isWanted: (diagnostics: readonly Diagnostic[]) => boolean,
  ): Promise<Diagnostic[]> {
    const deadline = Date.now() + 30_000;
    while (Date.now() < deadline) {
      const found = this.published.findLast((one) => one.uri === uri);
      if (found !== undefined && isWanted(found.diagnostics)) return found.diagnostics;
      await Promise.race([
        new Promise<void>((resolve) => this.#waiting.push(resolve)),
        new Promise((resolve) => setTimeout(resolve, 1000)),
      ]);
    }
    const last = this.published.findLast((one) => one.uri === uri);
    throw new Error(`the diagnostics of ${uri} stayed at ${JSON.stringify(last?.diagnostics, null, 1)}`);
  }

  /** Resident memory in bytes; Linux only, else null. */
  rssBytes(): number | null {
    if (process.platform !== "linux") return null;
    const pages = readFileSync(`/proc/${this.child.pid}/statm`, "utf8").split(" ")[1];
    return Number(pages) * 4096;
  }

  async close(): Promise<number | null> {
    const ended = new Promise<number | null>((resolve) => this.child.once("exit", resolve));
    await this.connection.sendRequest("shutdown");
    await this.connection.sendNotification("exit");
    return ended;
  }
}
