/** Tests whose experiment is being started or runs: of this window's runs, and of those that were started elsewhere. */
import * as vscode from "vscode";
import type { Experiment } from "../../daemon/protocol/experiments.ts";
import { localMessage } from "../features/failure.ts";
import type { Experiments } from "./experiments.ts";
import { type LeverTest, type LeverTestItems, testId } from "./lever-test-items.ts";
import { line, publish } from "./lever-test-output.ts";
import { errorResult, resultOfExperiment } from "./lever-tests-model.ts";
import { percentDone } from "./numbers.ts";
import { progressText } from "./words.ts";

interface LiveTest {
  readonly run: vscode.TestRun;
  readonly item: vscode.TestItem;
  /** Called once it has its result. */
  readonly onOver: () => void;
  /** Null until the daemon has answered. */
  experimentId: string | null;
  phase: string;
}

export interface LiveOptions {
  readonly controller: vscode.TestController;
  readonly experiments: Experiments;
  readonly items: () => LeverTestItems;
  readonly stop: (experimentId: string) => Promise<void>;
  /** The result of this experiment stands at the test. */
  readonly onResult: (id: string, experimentId: string) => void;
}

export class LiveTests {
  readonly #options: LiveOptions;
  readonly #live = new Map<string, LiveTest>();

  constructor(options: LiveOptions) {
    this.#options = options;
  }

  has(id: string): boolean {
    return this.#live.has(id);
  }

  /** Of any lever of this file. */
  isIn(file: vscode.TestItem): boolean {
    return [...this.#live.values()].some(({ item }) => item.parent === file);
  }

  /** Started elsewhere: by a command, a lens, the command line, or before this window was reloaded. */
  hear(experiment: Experiment): void {
    const id = testId(experiment.path, experiment.lever);
    const live = this.#live.get(id) ?? (experiment.status === "running" ? this.#begin(id, experiment) : undefined);
    if (live?.experimentId !== experiment.experimentId) return;
    const result = resultOfExperiment(experiment, vscode.l10n.t);
    if (result === null) {
      const text = progressText(experiment, percentDone(experiment));
      if (live.phase !== experiment.phase) live.run.appendOutput(line(text));
      live.phase = experiment.phase;
      live.item.description = text;
      return;
    }
    this.#options.onResult(id, experiment.experimentId);
    publish(live.run, live.item, result);
    this.#end(id, live);
  }

  /** The daemon is gone, and what it was doing is not known. */
  lose(): void {
    const { t } = vscode.l10n;
    for (const [id, live] of [...this.#live]) {
      publish(live.run, live.item, errorResult(t("The connection to the daemon was lost."), t));
      this.#end(id, live);
    }
  }

  /** Starts an experiment as part of a run, and resolves when it has ended. */
  async run(
    run: vscode.TestRun,
    { id, item }: LeverTest,
    start: () => Promise<Experiment>,
    token: vscode.CancellationToken,
  ): Promise<void> {
    const { experiments, stop } = this.#options;
    const over = Promise.withResolvers<void>();
    const live: LiveTest = { run, item, onOver: over.resolve, experimentId: null, phase: "" };
    this.#live.set(id, live);
    run.started(item);
    let subscription: vscode.Disposable | undefined;
    try {
      const experiment = await start();
      live.experimentId = experiment.experimentId;
      // What was heard before its name was known.
      this.hear(experiments.known.get(experiment.experimentId) ?? experiment);
      subscription = token.onCancellationRequested(() => void stop(experiment.experimentId));
      if (token.isCancellationRequested) void stop(experiment.experimentId);
      await over.promise;
    } catch (error) {
      publish(run, item, errorResult(await localMessage(error), vscode.l10n.t));
      this.#end(id, live);
    } finally {
      subscription?.dispose();
    }
  }

  dispose(): void {
    for (const [id, live] of [...this.#live]) this.#end(id, live);
  }

  #begin(id: string, { experimentId }: Experiment): LiveTest | undefined {
    const { controller, items, stop } = this.#options;
    const item = items().get(id)?.item;
    if (item === undefined) return undefined;
    const run = controller.createTestRun(new vscode.TestRunRequest([item]));
    run.started(item);
    const cancelled = run.token.onCancellationRequested(() => void stop(experimentId));
    const onOver = (): void => {
      cancelled.dispose();
      run.end();
    };
    const live: LiveTest = { run, item, onOver, experimentId, phase: "" };
    this.#live.set(id, live);
    return live;
  }

  #end(id: string, live: LiveTest): void {
    if (this.#live.get(id) === live) this.#live.delete(id);
    live.onOver();
  }
}
