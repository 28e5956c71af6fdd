/**
 * Progress and verdicts of the experiments that this window has started, as notifications. They are remembered in the
 * workspace: after a reload the progress comes back, and a verdict that was given meanwhile is told.
 */
import * as vscode from "vscode";
import type { Experiment, RecordedVerdict } from "../../daemon/protocol/experiments.ts";
import type { Connection } from "../connection/connection.ts";
import { reportFailure } from "../features/failure.ts";
import { type Action, notifyError, notifyInfo, showLogAction } from "../notify.ts";
import type { Experiments } from "./experiments.ts";
import { percentDone } from "./numbers.ts";
import { progressText, verdictMessage } from "./words.ts";

const memory = "igla.experiments";

interface Started {
  readonly experimentId: string;
  readonly path: string;
  readonly lever: string;
}

export class ExperimentNews implements vscode.Disposable {
  readonly #connection: Connection;
  readonly #experiments: Experiments;
  readonly #state: vscode.Memento;
  readonly #log: vscode.LogOutputChannel;
  readonly #subscriptions: vscode.Disposable[];
  /** Shown elsewhere in this window. */
  readonly #quiet = new Set<string>();
  /** Progress that is shown. */
  readonly #shown = new Map<string, { report: (experiment: Experiment) => void; end: () => void }>();

  constructor(connection: Connection, experiments: Experiments, state: vscode.Memento, log: vscode.LogOutputChannel) {
    this.#connection = connection;
    this.#experiments = experiments;
    this.#state = state;
    this.#log = log;
    this.#subscriptions = [
      experiments.onDidChangeExperiment((experiment) => this.#hear(experiment)),
      experiments.onDidLoad(() => this.#tellLost()),
      connection.onDidChangeStatus(({ kind }) => {
        if (kind !== "connected") for (const { end } of [...this.#shown.values()]) end();
      }),
    ];
  }

  /**
   * From now on its progress and its verdict are told.
   * @param isShownElsewhere by something of this window; after a reload it is told here
   */
  async follow({ experimentId, path, lever }: Experiment, isShownElsewhere = false): Promise<void> {
    if (isShownElsewhere) this.#quiet.add(experimentId);
    const others = this.#started.filter((one) => one.experimentId !== experimentId);
    await this.#state.update(memory, [...others, { experimentId, path, lever }]);
    const now = this.#experiments.known.get(experimentId);
    if (now !== undefined) this.#hear(now);
  }

  async stop(experimentId: string): Promise<void> {
    await reportFailure(this.#log, async () => {
      const { stopExperiment } = await import("../../daemon/protocol/requests.ts");
      await this.#connection.request(stopExperiment, { experimentId });
    });
  }

  dispose(): void {
    for (const { end } of [...this.#shown.values()]) end();
    for (const subscription of this.#subscriptions) subscription.dispose();
  }

  get #started(): readonly Started[] {
    return this.#state.get<readonly Started[]>(memory, []);
  }

  #hear(experiment: Experiment): void {
    const { experimentId, status } = experiment;
    if (!this.#started.some((one) => one.experimentId === experimentId)) return;
    const isQuiet = this.#quiet.has(experimentId);
    if (status === "running") {
      if (!isQuiet) this.#show(experiment);
      return;
    }
    this.#shown.get(experimentId)?.end();
    this.#forget(experimentId);
    if (!isQuiet) this.#tell(experiment);
  }

  #forget(experimentId: string): void {
    void this.#state.update(
      memory,
      this.#started.filter((one) => one.experimentId !== experimentId),
    );
  }

  #show(experiment: Experiment): void {
    const { experimentId, lever } = experiment;
    const known = this.#shown.get(experimentId);
    if (known !== undefined) {
      known.report(experiment);
      return;
    }
    const over = Promise.withResolvers<void>();
    const end = (): void => {
      this.#shown.delete(experimentId);
      over.resolve();
    };
    let report: (experiment: Experiment) => void = () => undefined;
    this.#shown.set(experimentId, { report: (newer) => report(newer), end });
    const title = vscode.l10n.t("Falsifying {0}", this.#experiments.titleOf(lever));
    const options = { location: vscode.ProgressLocation.Notification, title, cancellable: true };
    void vscode.window.withProgress(options, (progress, token) => {
      let done = 0;
      report = (newer) => {
        const percent = percentDone(newer);
        progress.report({ message: progressText(newer, percent), increment: percent - done });
        done = percent;
      };
      report(experiment);
      token.onCancellationRequested(() => void this.stop(experimentId));
      return over.promise;
    });
  }

  #tell({ lever, path, status, verdict, failure, experimentId }: Experiment): void {
    const { t } = vscode.l10n;
    const title = this.#experiments.titleOf(lever);
    if (verdict !== null) this.#tellVerdict(title, verdictMessage(title, verdict, t), experimentId);
    else if (status === "failed") {
      const again = againAction(t("Try again"), path, lever);
      notifyError(
        t("The experiment on {0} could not be run: {1}", title, failure?.message ?? ""),
        again,
        showLogAction(),
      );
    } else {
      notifyInfo(
        t("The experiment on {0} was stopped. What was trained is kept.", title),
        againAction(t("Continue"), path, lever),
      );
    }
  }

  #tellVerdict(title: string, message: string, experimentId: string): void {
    const { t } = vscode.l10n;
    const { verdicts } = this.#experiments.book?.ledger ?? { verdicts: [] };
    const recorded = verdicts.find((one) => one.experimentId === experimentId);
    const show = { title: t("Show levers"), run: () => vscode.commands.executeCommand("igla.levers.focus") };
    if (recorded === undefined) notifyInfo(message, show);
    else notifyInfo(message, openAction(t("Open ledger line"), recorded), show);
    this.#log.info(`${title}: ${message}`);
  }

  /** The daemon has been another one since: what it does not know has its verdict in the ledger, or none. */
  #tellLost(): void {
    const { t } = vscode.l10n;
    const lost = this.#started.filter(({ experimentId }) => !this.#experiments.known.has(experimentId));
    for (const { experimentId, lever, path } of lost) {
      this.#forget(experimentId);
      const title = this.#experiments.titleOf(lever);
      const { verdicts } = this.#experiments.book?.ledger ?? { verdicts: [] };
      const recorded = verdicts.find((one) => one.experimentId === experimentId);
      if (recorded !== undefined) {
        this.#tellVerdict(title, verdictMessage(title, recorded.outcome, t), experimentId);
        continue;
      }
      notifyInfo(
        t("The experiment on {0} was interrupted: the daemon ended. What was trained is kept.", title),
        againAction(t("Continue"), path, lever),
      );
    }
  }
}

function againAction(title: string, path: string, lever: string): Action {
  return { title, run: () => vscode.commands.executeCommand("igla.falsifyLever", { path, lever }) };
}

function openAction(title: string, { line }: RecordedVerdict): Action {
  return { title, run: () => vscode.commands.executeCommand("igla.openVerdict", line) };
}
