/** The built language server as a process, spoken to as an editor does. */
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import {
  createMessageConnection,
  type MessageConnection,
  StreamMessageReader,
  StreamMessageWriter,
} from "vscode-jsonrpc/node";
import type { Diagnostic, InitializeResult } from "vscode-languageserver";

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

  constructor() {
    this.child = spawn(process.execPath, [script], { stdio: "pipe" });
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

  async initialize(): Promise<InitializeResult> {
    const completionItem = { snippetSupport: true };
    const capabilities = { textDocument: { completion: { completionItem } } };
    const result = await this.connection.sendRequest<InitializeResult>("initialize", {
      processId: process.pid,
      rootUri: null,
      capabilities,
    });
    await this.connection.sendNotification("initialized", {});
    return result;
  }

  open(uri: string, text: string): Promise<void> {
    const textDocument = { uri, languageId: "igla-toml", version: 1, text };
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
