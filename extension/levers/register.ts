/** "Falsify this lever": command, view, Test Explorer and messages, over one store of what is known. */
import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as vscode from "vscode";
import type { SpawnOptions } from "../../daemon/spawn-daemon.ts";
import type { DaemonConnection } from "../connection/daemon-connection.ts";
import { reportFailure } from "../features/failure.ts";
import { servedFolder } from "../features/race-files.ts";
import { Experiments } from "./experiments.ts";
import { LeverTests } from "./lever-tests.ts";
import type { ViewRow } from "./levers-model.ts";
import { LeversTree } from "./levers-tree.ts";
import { ExperimentNews } from "./news.ts";
import { type Argument, askForTarget } from "./target.ts";

const ledger = "assertions/seed_results.jsonl";

/** @param spawn how processes of Igla are started; asked each time, because settings change */
export function registerLevers(
  connection: DaemonConnection,
  state: vscode.Memento,
  log: vscode.LogOutputChannel,
  spawn: () => SpawnOptions,
): vscode.Disposable {
  const onError = (error: unknown) => log.error(error instanceof Error ? error : String(error));
  const experiments = new Experiments(connection, onError);
  const tree = new LeversTree(experiments);
  const news = new ExperimentNews(connection, experiments, state, log);
  const view = vscode.window.createTreeView<ViewRow>("igla.levers", { treeDataProvider: tree, showCollapseAll: true });
  const look = (): void => {
    const isNeeded = connection.status.kind === "idle" && vscode.workspace.isTrusted && hasVerdicts(connection);
    if (isNeeded) connection.start().catch(onError);
  };
  const command = (id: string, run: (argument: never) => Promise<unknown>) =>
    vscode.commands.registerCommand(id, (argument: never) => reportFailure(log, () => run(argument)));
  return vscode.Disposable.from(
    experiments,
    tree,
    news,
    view,
    view.onDidChangeVisibility(({ visible }) => {
      if (!visible) return;
      look();
      tree.refresh();
    }),
    experiments.onDidChange(() => describe(view, experiments)),
    followLedger(connection, experiments, onError),
    whenTrusted(() => leverTests(connection, experiments, news, spawn, look, onError)),
    command("igla.falsifyLever", (argument: Argument) => falsify(connection, experiments, news, argument)),
    command("igla.stopExperiment", async (row?: ViewRow) => {
      const running = row?.kind === "running" ? row.experiment : experiments.running;
      if (running !== null) await news.stop(running.experimentId);
    }),
    command("igla.openLever", async (row: ViewRow) => (await import("./open-lever.ts")).openLever(row, experiments)),
    command("igla.openVerdict", async (row: ViewRow | number) => {
      const { openVerdict } = await import("./open-lever.ts");
      const line = typeof row === "number" ? row : lineOf(row);
      if (line !== undefined) await openVerdict(line, experiments);
    }),
    command("igla.showLevers", async () => {
      await vscode.commands.executeCommand("igla.levers.focus");
      await connection.start();
    }),
  );
}

async function falsify(
  connection: DaemonConnection,
  experiments: Experiments,
  news: ExperimentNews,
  argument: Argument,
): Promise<void> {
  await connection.start();
  const target = await askForTarget(argument, experiments);
  if (target === undefined) return;
  const { confirmed, planVisibly, start } = await import("./falsify.ts");
  const [planned] = (await confirmed(connection, await planVisibly(connection, [target]))) ?? [];
  if (planned !== undefined) await news.follow(await start(connection, planned));
}

function leverTests(
  connection: DaemonConnection,
  experiments: Experiments,
  news: ExperimentNews,
  spawn: () => SpawnOptions,
  look: () => void,
  onError: (error: unknown) => void,
): vscode.Disposable {
  return new LeverTests(connection, experiments, {
    look,
    onError,
    stop: (experimentId) => news.stop(experimentId),
    runSuite: async (signal) => {
      const { runCli } = await import("../features/run-cli.ts");
      // The suite reads and writes nothing of the folder it runs in.
      return runCli(["falsify-suite"], servedFolder()?.uri.fsPath ?? tmpdir(), spawn(), signal);
    },
    prepare: async (targets) => {
      const { confirmed, planVisibly, start } = await import("./falsify.ts");
      const planned = (await confirmed(connection, await planVisibly(connection, targets))) ?? [];
      return planned.map((one) => async () => {
        const experiment = await start(connection, one);
        await news.follow(experiment, true);
        return experiment;
      });
    },
  });
}

function lineOf(row: ViewRow): number | undefined {
  if (row.kind === "verdict") return row.verdict.line;
  return row.kind === "lever" ? row.verdicts[0]?.verdict.line : undefined;
}

/** Verdicts of earlier days are shown without being asked for; nothing else starts a daemon. */
function hasVerdicts(connection: DaemonConnection): boolean {
  const folder = servedFolder();
  return connection.hasHistory || (folder !== undefined && existsSync(join(folder.uri.fsPath, ledger)));
}

/** Others write it too: a checkout, an editor, `igla ledger import`. */
function followLedger(
  connection: DaemonConnection,
  experiments: Experiments,
  onError: (error: unknown) => void,
): vscode.Disposable {
  const folder = servedFolder();
  if (folder === undefined) return new vscode.Disposable(() => undefined);
  const watcher = vscode.workspace.createFileSystemWatcher(new vscode.RelativePattern(folder, ledger));
  const read = (): void => {
    if (connection.status.kind === "connected") experiments.readLedger().catch(onError);
  };
  return vscode.Disposable.from(
    watcher,
    watcher.onDidCreate(read),
    watcher.onDidChange(read),
    watcher.onDidDelete(read),
  );
}

function whenTrusted(make: () => vscode.Disposable): vscode.Disposable {
  let made: vscode.Disposable | undefined;
  const trust = (): void => {
    made ??= make();
  };
  if (vscode.workspace.isTrusted) trust();
  const subscription = vscode.workspace.onDidGrantWorkspaceTrust(trust);
  return new vscode.Disposable(() => {
    subscription.dispose();
    made?.dispose();
  });
}

/** Beside the title: what runs, or how many levers have stood a test. */
function describe(view: vscode.TreeView<ViewRow>, { book, running }: Experiments): void {
  const setContext = (key: string, value: boolean) => void vscode.commands.executeCommand("setContext", key, value);
  setContext("igla.knowsLevers", book !== null);
  setContext("igla.experimentRuns", running !== null);
  if (book === null) return;
  const tested = new Set(book.ledger.verdicts.map(({ lever }) => lever)).size;
  view.description = vscode.l10n.t("tested: {0} of {1}", tested, book.levers.length);
  view.badge =
    running === null ? undefined : { value: 1, tooltip: vscode.l10n.t("An experiment on a lever is running") };
}
