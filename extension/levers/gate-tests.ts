/** Gates in the Test Explorer. One process tries all of them, so that running one tells of the others too. */
import * as vscode from "vscode";
import type { GateId, SuiteDocument } from "../../daemon/protocol/gates.ts";
import { localMessage } from "../features/failure.ts";
import { gateIds, gateLabel, resultOfGate, resultWithoutSuite } from "./gate-tests-model.ts";
import { line, publish } from "./lever-test-output.ts";
import { errorResult, type TestResult } from "./lever-tests-model.ts";
import { isWanted } from "./wanted.ts";

/** @throws {Error} the suite could not be run, or was stopped by the signal */
export type RunSuite = (signal: AbortSignal) => Promise<SuiteDocument>;

interface GateTest {
  readonly gate: GateId;
  readonly item: vscode.TestItem;
}

export class GateTests {
  readonly #controller: vscode.TestController;
  readonly #runSuite: RunSuite;
  readonly #tests: GateTest[] = [];

  constructor(controller: vscode.TestController, runSuite: RunSuite) {
    this.#controller = controller;
    this.#runSuite = runSuite;
  }

  /** Their names are known; nothing is run for it. */
  show(): void {
    if (this.#tests.length > 0) return;
    const { t } = vscode.l10n;
    const { description } = resultWithoutSuite("not-run", t);
    const all = this.#controller.createTestItem("gates", t("Gates"));
    all.description = t("run together");
    for (const [i, gate] of gateIds.entries()) {
      const item = this.#controller.createTestItem(`gates/${gate}`, gateLabel(gate, t));
      item.sortText = String(i).padStart(3, "0");
      item.description = description;
      all.children.add(item);
      this.#tests.push({ gate, item });
    }
    this.#controller.items.add(all);
  }

  /** Those that the request names, as part of its run. */
  async run(run: vscode.TestRun, request: vscode.TestRunRequest, token: vscode.CancellationToken): Promise<void> {
    const wanted = this.#tests.filter(({ item }) => isWanted(item, request));
    if (wanted.length === 0) return;
    const { t } = vscode.l10n;
    for (const { item } of wanted) run.started(item);
    run.appendOutput(line(t("`igla falsify-suite` tries all gates together, so all get their result.")));
    const abort = new AbortController();
    const stop = token.onCancellationRequested(() => abort.abort());
    if (token.isCancellationRequested) abort.abort();
    try {
      const document = await this.#runSuite(abort.signal);
      for (const { gate, item } of wanted) publish(run, item, resultOfGate(document, gate, t));
      this.#publishOthers(wanted, document);
    } catch (error) {
      const result: TestResult = abort.signal.aborted
        ? resultWithoutSuite("stopped", t)
        : errorResult(await localMessage(error), t);
      for (const { item } of wanted) publish(run, item, result);
    } finally {
      stop.dispose();
    }
  }

  /** A run takes results of what was asked for only. */
  #publishOthers(wanted: readonly GateTest[], document: SuiteDocument): void {
    const others = this.#tests.filter((test) => !wanted.includes(test));
    if (others.length === 0) return;
    const { t } = vscode.l10n;
    const request = new vscode.TestRunRequest(others.map(({ item }) => item));
    const run = this.#controller.createTestRun(request, t("The other gates of the suite"), false);
    for (const { gate, item } of others) publish(run, item, resultOfGate(document, gate, t));
    run.end();
  }
}
