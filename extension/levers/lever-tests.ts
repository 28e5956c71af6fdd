/**
 * Levers in the Test Explorer, and the gates below them. Verdicts of the ledger are shown as results; running a test is an
 * experiment, wherever it was started.
 */
import { relative } from "node:path";
import * as vscode from "vscode";
import type { Experiment } from "../../daemon/protocol/experiments.ts";
import type { Connection } from "../connection/connection.ts";
import { localMessage } from "../features/failure.ts";
import { servedFolder } from "../features/race-files.ts";
import type { Experiments } from "./experiments.ts";
import { GateTests, type RunSuite } from "./gate-tests.ts";
import { type LeverTest, LeverTestItems } from "./lever-test-items.ts";
import { LiveTests } from "./lever-test-live.ts";
import { publish } from "./lever-test-output.ts";
import { errorResult, resultOfVerdict, verdictOfTest } from "./lever-tests-model.ts";
import type { LeverTarget } from "./target.ts";
import { isWanted } from "./wanted.ts";

/** What the tests need of the experiments' flow. */
export interface TestFlow {
  /** Plans all, asks once; the starters in order, none when the answer was no. @throws {IglaError} */
  readonly prepare: (targets: readonly LeverTarget[]) => Promise<readonly (() => Promise<Experiment>)[]>;
  readonly stop: (experimentId: string) => Promise<void>;
  readonly runSuite: RunSuite;
  /** The view is looked at: the daemon of earlier days is needed. */
  readonly look: () => void;
  readonly onError: (error: unknown) => void;
}

export class LeverTests implements vscode.Disposable {
  readonly #controller: vscode.TestController;
  readonly #experiments: Experiments;
  readonly #flow: TestFlow;
  readonly #items: LeverTestItems;
  readonly #live: LiveTests;
  readonly #gates: GateTests;
  readonly #subscriptions: vscode.Disposable[];
  /** By test: the experiment whose verdict stands there. */
  readonly #shown = new Map<string, string>();

  constructor(connection: Connection, experiments: Experiments, flow: TestFlow) {
    this.#experiments = experiments;
    this.#flow = flow;
    const { t } = vscode.l10n;
    const controller = vscode.tests.createTestController("igla.levers", t("Igla levers"));
    this.#controller = controller;
    this.#live = new LiveTests({
      controller,
      experiments,
      items: () => this.#items,
      stop: flow.stop,
      onResult: (id, experimentId) => void this.#shown.set(id, experimentId),
    });
    this.#items = new LeverTestItems(controller, (lever) => experiments.titleOf(lever), {
      onRead: (path) => {
        this.#showVerdicts();
        const { running } = experiments;
        if (running?.path === path) this.#live.hear(running);
      },
      // The verdict is about the text that was tried.
      onSaved: (file) => this.#live.isIn(file) || controller.invalidateTestResults(file),
      onGone: ({ id }) => void this.#shown.delete(id),
      onError: flow.onError,
    });
    this.#gates = new GateTests(controller, flow.runSuite);
    controller.resolveHandler = async (item) => {
      flow.look();
      if (item !== undefined) return;
      this.#gates.show();
      await this.#items.discover();
    };
    controller.refreshHandler = () => this.#items.discover();
    const handler = (request: vscode.TestRunRequest, token: vscode.CancellationToken) => this.#run(request, token);
    controller.createRunProfile(t("Falsify"), vscode.TestRunProfileKind.Run, handler, true);
    this.#subscriptions = [
      experiments.onDidChange(() => this.#showVerdicts()),
      experiments.onDidChangeExperiment((experiment) => this.#live.hear(experiment)),
      connection.onDidChangeStatus(({ kind }) => kind === "lost" && this.#live.lose()),
    ];
  }

  dispose(): void {
    for (const subscription of this.#subscriptions) subscription.dispose();
    this.#live.dispose();
    this.#items.dispose();
    this.#controller.dispose();
  }

  /** Verdicts that the ledger holds and no run has brought. */
  #showVerdicts(): void {
    const { book } = this.#experiments;
    const folder = servedFolder();
    if (book === null || folder === undefined) return;
    const fresh = this.#items.all.flatMap((test) => {
      const { id, item, lever, path } = test;
      item.label = this.#experiments.titleOf(lever);
      const race = relative(folder.uri.fsPath, path).replaceAll("\\", "/");
      const verdict = verdictOfTest(book.ledger.verdicts, race, lever);
      const isNew = verdict !== null && !this.#live.has(id) && this.#shown.get(id) !== verdict.experimentId;
      return isNew ? [{ test, verdict }] : [];
    });
    if (fresh.length === 0) return;
    const { t } = vscode.l10n;
    const request = new vscode.TestRunRequest(fresh.map(({ test }) => test.item));
    const run = this.#controller.createTestRun(request, t("Verdicts of the ledger"), false);
    for (const { test, verdict } of fresh) {
      this.#shown.set(test.id, verdict.experimentId);
      publish(run, test.item, resultOfVerdict(verdict.outcome, t));
    }
    run.end();
    for (const { test, verdict } of fresh) {
      this.#invalidateOlder(test, Date.parse(verdict.ts)).catch(this.#flow.onError);
    }
  }

  async #invalidateOlder({ item, path }: LeverTest, givenAt: number): Promise<void> {
    const { mtime } = await vscode.workspace.fs.stat(vscode.Uri.file(path));
    if (mtime > givenAt) this.#controller.invalidateTestResults(item);
  }

  async #run(request: vscode.TestRunRequest, token: vscode.CancellationToken): Promise<void> {
    const run = this.#controller.createTestRun(request);
    try {
      await Promise.all([this.#runLevers(run, request, token), this.#gates.run(run, request, token)]);
    } finally {
      run.end();
    }
  }

  async #runLevers(
    run: vscode.TestRun,
    request: vscode.TestRunRequest,
    token: vscode.CancellationToken,
  ): Promise<void> {
    const tests = this.#items.all.filter(({ item }) => isWanted(item, request));
    if (tests.length === 0) return;
    for (const { item } of tests) run.enqueued(item);
    try {
      const starters = await this.#flow.prepare(tests.map(({ path, lever }) => ({ path, lever })));
      for (const [i, test] of tests.entries()) {
        const start = starters[i];
        if (start === undefined || token.isCancellationRequested) run.skipped(test.item);
        else await this.#live.run(run, test, start, token);
      }
    } catch (error) {
      // No plan, no experiment: each test says why.
      const result = errorResult(await localMessage(error), vscode.l10n.t);
      for (const { item } of tests) publish(run, item, result);
    }
  }
}
