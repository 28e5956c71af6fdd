/** The newest reports of the language server about claims and proofs, for all that shows them. */
import * as vscode from "vscode";
import type { FolderReport } from "../../daemon/protocol/invariant-report.ts";
import {
  type CheckProofsParams,
  type CheckProofsResult,
  checkProofsRequest,
  type ReportResult,
  reportRequest,
  reportsChanged,
} from "../../daemon/protocol/invariant-requests.ts";
import { Coalescer } from "../connection/coalesce.ts";
import type { LanguageServer } from "../features/language-client.ts";

const refreshMs = 250;
const assertionFiles = "**/igla_assertions*.json";
const ignored = "**/{node_modules,.git,.igla,dist}/**";

export class ProofReports implements vscode.Disposable {
  readonly #language: LanguageServer;
  readonly #log: (message: string) => void;
  readonly #changes = new vscode.EventEmitter<undefined>();
  readonly #refresh = new Coalescer<"all">(refreshMs, () => void this.#read());
  readonly #subscription: vscode.Disposable;
  /** A subscription of a server that is gone is gone with it. */
  #listening: vscode.Disposable | null = null;
  #reports: readonly FolderReport[] = [];

  readonly onDidChange = this.#changes.event;

  constructor(language: LanguageServer, log: (message: string) => void) {
    this.#language = language;
    this.#log = log;
    this.#subscription = language.onDidStart((client) => {
      this.#listening?.dispose();
      this.#listening = client.onNotification(reportsChanged, () => this.#refresh.touch("all"));
      this.#refresh.touch("all");
    });
  }

  get reports(): readonly FolderReport[] {
    return this.#reports;
  }

  /** Starts the server where the workspace keeps claims, or where someone looks at their view. */
  async begin(always: boolean): Promise<void> {
    const isNeeded = always || (await vscode.workspace.findFiles(assertionFiles, ignored, 1)).length > 0;
    if (isNeeded) await this.#language.start();
  }

  async check(params: CheckProofsParams, token: vscode.CancellationToken): Promise<CheckProofsResult> {
    const client = await this.#language.start();
    return client.sendRequest<CheckProofsResult>(checkProofsRequest, params, token);
  }

  async #read(): Promise<void> {
    try {
      const client = await this.#language.client;
      if (client === null) return;
      this.#reports = (await client.sendRequest<ReportResult>(reportRequest)).folders;
      this.#changes.fire(undefined);
    } catch (error) {
      this.#log(`The reports of the language server could not be read: ${String(error)}`);
    }
  }

  dispose(): void {
    this.#subscription.dispose();
    this.#listening?.dispose();
    this.#refresh.dispose();
    this.#changes.dispose();
  }
}
