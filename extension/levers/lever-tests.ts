/**
 * Levers in the Test Explorer: one item for each race file, below it one test for each lever that the file names. Verdicts
 * of the ledger are shown as results; running a test is an experiment, wherever it was started.
 */
import { relative } from "node:path";
import * as vscode from "vscode";
import type { Experiment } from "../../daemon/protocol/experiments.ts";
import type { Connection } from "../connection/connection.ts";
import { localMessage } from "../features/failure.ts";
import { findRaceFiles, servedFolder } from "../features/race-files.ts";
import type { Experiments } from "./experiments.ts";
import {
  errorResult,
  resultOfExperiment,
  resultOfVerdict,
  type TestResult,
  verdictOfTest,
} from "./lever-tests-model.ts";
import { percentDone } from "./numbers.ts";
import { leverSections } from "./sections.ts";
import type { LeverTarget } from "./target.ts";
import { progressText } from "./words.ts";

/** What the tests need of the experiments' flow. */
export interface TestFlow {
  /** Plans all, asks once; the starters in order, none when the answer was no. @throws {IglaError} */
  readonly prepare: (targets: readonly LeverTarget[]) => Promise<readonly (() => Promise<Experiment>)[]>;
  readonly stop: (experimentId: string) => Promise<void>;
  /** The view is looked at: the daemon of earlier days is needed. */
  readonly look: () => void;
  readonly onError: (error: unknown) => void;
}

interface LiveRun {
  readonly run: vscode.TestRun;
  readonly item: vscode.TestItem;
  /** Started by the Test Explorer, which ends the run itself. */
  readonly isOwn: boolean;
  /** Null until the daemon has answered. */
  experimentId: string | null;
  phase: string;
}

const fileTag = (uri: vscode.Uri) => uri.toString();
const testId = (path: string, lever: string) => `${vscode.Uri.file(path).toString()}#${lever}`;

export class LeverTests implements vscode.Disposable {
  readonly #controller: vscode.TestController;
  readonly #experiments: Experiments;
  readonly #flow: TestFlow;
  readonly #subscriptions: vscode.Disposable[];
  readonly #items = new Map<
    string,
    { readonly item: vscode.TestItem; readonly lever: string; readonly path: string }
  >();
  /** Experiments whose verdicts stand at their tests. */
  readonly #shown = new Map<string, string>();
  /** Tests whose experiment is being started, or runs. */
  readonly #live = new Map<string, LiveRun>();

  constructor(connection: Connection, experiments: Experiments, flow: TestFlow) {
    this.#experiments = experiments;
    this.#flow = flow;
    const { t } = vscode.l10n;
    const controller = vscode.tests.createTestController("igla.levers", t("Igla levers"));
    this.#controller = controller;
    controller.resolveHandler = async (item) => {
      flow.look();
      if (item === undefined) await this.#discover();
    };
    controller.refreshHandler = () => this.#discover();
    const handler = (request: vscode.TestRunRequest, token: vscode.CancellationToken) => this.#run(request, token);
    controller.createRunProfile(t("Falsify"), vscode.TestRunProfileKind.Run, handler, true);
    const watcher = vscode.workspace.createFileSystemWatcher("**/*.igla.toml");
    const read = (uri: vscode.Uri) => void this.#read(uri).catch(flow.onError);
    this.#subscriptions = [
      watcher,
      watcher.onDidCreate(read),
      watcher.onDidChange((uri) => {
        read(uri);
        this.#invalidate(uri);
      }),
      watcher.onDidDelete((uri) => this.#drop(uri)),
      vscode.workspace.onDidOpenTextDocument(({ uri }) => isRaceFile(uri) && read(uri)),
      vscode.workspace.onDidChangeTextDocument(({ document: { uri } }) => isRaceFile(uri) && read(uri)),
      experiments.onDidChange(() => this.#showVerdicts()),
      experiments.onDidChangeExperiment((experiment) => this.#hear(experiment)),
      connection.onDidChangeStatus(({ kind }) => kind === "lost" && this.#lose()),
    ];
    for (const { uri } of vscode.workspace.textDocuments) if (isRaceFile(uri)) read(uri);
  }

  dispose(): void {
    for (const { run } of this.#live.values()) run.end();
    for (const subscription of this.#subscriptions) subscription.dispose();
    this.#controller.dispose();
  }

  async #discover(): Promise<void> {
    const files = await findRaceFiles();
    const there = new Set(files.map(fileTag));
    for (const [id] of [...this.#controller.items]) if (!there.has(id)) this.#controller.items.delete(id);
    for (const uri of files) await this.#read(uri);
    this.#showVerdicts();
  }

  async #read(uri: vscode.Uri): Promise<void> {
    if (uri.scheme !== "file") return;
    const text = (await vscode.workspace.openTextDocument(uri)).getText();
    const file =
      this.#controller.items.get(fileTag(uri)) ??
      this.#controller.createTestItem(fileTag(uri), vscode.workspace.asRelativePath(uri), uri);
    const tests = leverSections(text).map(({ lever, line, start, end }) => {
      const id = testId(uri.fsPath, lever);
      const known = this.#items.get(id);
      const item = known?.item ?? this.#controller.createTestItem(id, this.#experiments.titleOf(lever), uri);
      item.range = new vscode.Range(line, start, line, end);
      item.sortText = String(line).padStart(6, "0");
      this.#items.set(id, { item, lever, path: uri.fsPath });
      return item;
    });
    const kept = new Set(tests.map(({ id }) => id));
    for (const [id, { path }] of [...this.#items]) {
      if (path !== uri.fsPath || kept.has(id)) continue;
      this.#items.delete(id);
      this.#shown.delete(id);
    }
    file.children.replace(tests);
    if (tests.length === 0) this.#controller.items.delete(file.id);
    else this.#controller.items.add(file);
    this.#showVerdicts();
    const { running } = this.#experiments;
    if (running !== null && running.path === uri.fsPath) this.#hear(running);
  }

  #drop(uri: vscode.Uri): void {
    this.#controller.items.delete(fileTag(uri));
    for (const [id, { path }] of [...this.#items]) {
      if (path !== uri.fsPath) continue;
      this.#items.delete(id);
      this.#shown.delete(id);
    }
  }

  /** The verdict is about the text that was tried; this is another one. */
  #invalidate(uri: vscode.Uri): void {
    const file = this.#controller.items.get(fileTag(uri));
    if (file !== undefined && ![...this.#live.values()].some(({ item }) => item.parent === file)) {
      this.#controller.invalidateTestResults(file);
    }
  }

  /** Verdicts that the ledger holds and no run has brought. */
  #showVerdicts(): void {
    const { book } = this.#experiments;
    const folder = servedFolder();
    if (book === null || folder === undefined) return;
    const fresh: { readonly item: vscode.TestItem; readonly result: TestResult; readonly givenAt: number }[] = [];
    for (const [id, { item, lever, path }] of this.#items) {
      item.label = this.#experiments.titleOf(lever);
      const race = relative(folder.uri.fsPath, path).replaceAll("\\", "/");
      const verdict = verdictOfTest(book.ledger.verdicts, race, lever);
      if (verdict === null || this.#live.has(id) || this.#shown.get(id) === verdict.experimentId) continue;
      this.#shown.set(id, verdict.experimentId);
      fresh.push({ item, result: resultOfVerdict(verdict.outcome, vscode.l10n.t), givenAt: Date.parse(verdict.ts) });
    }
    if (fresh.length === 0) return;
    const request = new vscode.TestRunRequest(fresh.map(({ item }) => item));
    const run = this.#controller.createTestRun(request, vscode.l10n.t("Verdicts of the ledger"), false);
    for (const { item, result } of fresh) publish(run, item, result);
    run.end();
    for (const { item, givenAt } of fresh) void this.#invalidateOlder(item, givenAt).catch(this.#flow.onError);
  }

  async #invalidateOlder(item: vscode.TestItem, givenAt: number): Promise<void> {
    if (item.uri === undefined) return;
    const { mtime } = await vscode.workspace.fs.stat(item.uri);
    if (mtime > givenAt) this.#controller.invalidateTestResults(item);
  }

  /** Started elsewhere: by a command, a lens, the command line, or before this window was reloaded. */
  #hear(experiment: Experiment): void {
    const id = testId(experiment.path, experiment.lever);
    const live =
      this.#live.get(id) ?? (experiment.status === "running" ? this.#liven(id, experiment.experimentId) : undefined);
    if (live?.experimentId !== experiment.experimentId) return;
    const result = resultOfExperiment(experiment, vscode.l10n.t);
    if (result === null) {
      if (live.phase !== experiment.phase)
        live.run.appendOutput(line(progressText(experiment, percentDone(experiment))));
      live.phase = experiment.phase;
      live.item.description = progressText(experiment, percentDone(experiment));
      return;
    }
    this.#shown.set(id, experiment.experimentId);
    publish(live.run, live.item, result);
    this.#end(id, live);
  }

  #liven(id: string, experimentId: string): LiveRun | undefined {
    const item = this.#items.get(id)?.item;
    if (item === undefined) return undefined;
    const run = this.#controller.createTestRun(new vscode.TestRunRequest([item]));
    run.started(item);
    const live: LiveRun = { run, item, isOwn: false, experimentId, phase: "" };
    this.#live.set(id, live);
    return live;
  }

  #end(id: string, { run, isOwn }: LiveRun): void {
    this.#live.delete(id);
    if (!isOwn) run.end();
  }

  /** The daemon is gone, and what it was doing is not known. */
  #lose(): void {
    for (const [id, live] of [...this.#live]) {
      publish(live.run, live.item, errorResult(vscode.l10n.t("The connection to the daemon was lost."), vscode.l10n.t));
      this.#end(id, live);
    }
  }

  async #run(request: vscode.TestRunRequest, token: vscode.CancellationToken): Promise<void> {
    const tests = this.#wanted(request);
    const run = this.#controller.createTestRun(request);
    for (const { item } of tests) run.enqueued(item);
    try {
      const starters = await this.#flow.prepare(tests.map(({ path, lever }) => ({ path, lever })));
      for (const [i, test] of tests.entries()) {
        const start = starters[i];
        if (start === undefined || token.isCancellationRequested) run.skipped(test.item);
        else await this.#runOne(run, test, start, token);
      }
    } catch (error) {
      // No plan, no experiment: each test says why.
      const result = errorResult(await localMessage(error), vscode.l10n.t);
      for (const { item } of tests) publish(run, item, result);
    } finally {
      run.end();
    }
  }

  #wanted({ include, exclude }: vscode.TestRunRequest) {
    const without = new Set(exclude?.map(({ id }) => id) ?? []);
    const isIn = ({ id, parent }: vscode.TestItem, ids: ReadonlySet<string>) =>
      ids.has(id) || (parent !== undefined && ids.has(parent.id));
    const within = include === undefined ? null : new Set(include.map(({ id }) => id));
    return [...this.#items.values()].filter(
      ({ item }) => (within === null || isIn(item, within)) && !isIn(item, without),
    );
  }

  /** Resolves when the experiment has ended. */
  async #runOne(
    run: vscode.TestRun,
    { item, lever, path }: { item: vscode.TestItem; lever: string; path: string },
    start: () => Promise<Experiment>,
    token: vscode.CancellationToken,
  ): Promise<void> {
    const id = testId(path, lever);
    const over = Promise.withResolvers<void>();
    const live: LiveRun = { run, item, isOwn: true, experimentId: null, phase: "" };
    this.#live.set(id, live);
    run.started(item);
    const isOver = () => !this.#live.has(id) && over.resolve();
    const subscriptions = [this.#experiments.onDidChangeExperiment(isOver), this.#experiments.onDidChange(isOver)];
    try {
      const experiment = await start();
      live.experimentId = experiment.experimentId;
      // What was heard before its name was known.
      this.#hear(this.#experiments.known.get(experiment.experimentId) ?? experiment);
      subscriptions.push(token.onCancellationRequested(() => void this.#flow.stop(experiment.experimentId)));
      if (token.isCancellationRequested) void this.#flow.stop(experiment.experimentId);
      isOver();
      await over.promise;
    } catch (error) {
      this.#live.delete(id);
      publish(run, item, errorResult(await localMessage(error), vscode.l10n.t));
    } finally {
      for (const subscription of subscriptions) subscription.dispose();
    }
  }
}

function isRaceFile({ scheme, path }: vscode.Uri): boolean {
  return scheme === "file" && path.endsWith(".igla.toml");
}

/** Line ends of a terminal. */
function line(text: string): string {
  return `${text}\r\n`;
}

function publish(run: vscode.TestRun, item: vscode.TestItem, result: TestResult): void {
  const { state, description, message, output } = result;
  item.description = description;
  const place =
    item.uri === undefined || item.range === undefined ? undefined : new vscode.Location(item.uri, item.range);
  // Lines with a place also stand beside the lever in the editor; a failure has its message there.
  run.appendOutput(line(result.line), message === "" ? place : undefined, item);
  if (output.length > 0) run.appendOutput(output.map(line).join(""), undefined, item);
  if (state === "passed") run.passed(item);
  else if (state === "skipped") run.skipped(item);
  else {
    const full = new vscode.TestMessage(new vscode.MarkdownString(message, true));
    if (place !== undefined) full.location = place;
    if (state === "failed") run.failed(item, full);
    else run.errored(item, full);
  }
}
