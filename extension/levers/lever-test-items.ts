/** The tests themselves: one item for each race file, below it one for each lever that its text names. */
import * as vscode from "vscode";
import { findRaceFiles } from "../features/race-files.ts";
import { leverSections } from "./sections.ts";

export interface LeverTest {
  readonly id: string;
  readonly item: vscode.TestItem;
  readonly lever: string;
  /** Race file, absolute. */
  readonly path: string;
}

export interface ItemListener {
  /** The levers of a file are known, again or for the first time. */
  readonly onRead: (path: string) => void;
  /** The file on disk is another one now. */
  readonly onSaved: (file: vscode.TestItem) => void;
  readonly onGone: (test: LeverTest) => void;
  readonly onError: (error: unknown) => void;
}

export function testId(path: string, lever: string): string {
  return `${fileId(vscode.Uri.file(path))}#${lever}`;
}

function fileId(uri: vscode.Uri): string {
  return uri.toString();
}

export class LeverTestItems implements vscode.Disposable {
  readonly #controller: vscode.TestController;
  readonly #titleOf: (lever: string) => string;
  readonly #listener: ItemListener;
  readonly #tests = new Map<string, LeverTest>();
  readonly #subscriptions: vscode.Disposable[];

  constructor(controller: vscode.TestController, titleOf: (lever: string) => string, listener: ItemListener) {
    this.#controller = controller;
    this.#titleOf = titleOf;
    this.#listener = listener;
    const watcher = vscode.workspace.createFileSystemWatcher("**/*.igla.toml");
    const read = (uri: vscode.Uri): void => {
      if (isRaceFile(uri)) this.#read(uri).catch(listener.onError);
    };
    this.#subscriptions = [
      watcher,
      watcher.onDidCreate(read),
      watcher.onDidChange((uri) => {
        read(uri);
        const file = controller.items.get(fileId(uri));
        if (file !== undefined) listener.onSaved(file);
      }),
      watcher.onDidDelete((uri) => this.#drop(uri)),
      vscode.workspace.onDidOpenTextDocument(({ uri }) => read(uri)),
      vscode.workspace.onDidChangeTextDocument(({ document }) => read(document.uri)),
    ];
    for (const { uri } of vscode.workspace.textDocuments) read(uri);
  }

  get all(): readonly LeverTest[] {
    return [...this.#tests.values()];
  }

  get(id: string): LeverTest | undefined {
    return this.#tests.get(id);
  }

  dispose(): void {
    for (const subscription of this.#subscriptions) subscription.dispose();
  }

  /** All race files of the workspace. */
  async discover(): Promise<void> {
    const files = await findRaceFiles();
    const there = new Set(files.map(fileId));
    for (const [id, { uri }] of [...this.#controller.items]) if (uri !== undefined && !there.has(id)) this.#drop(uri);
    for (const uri of files) await this.#read(uri);
  }

  async #read(uri: vscode.Uri): Promise<void> {
    const text = (await vscode.workspace.openTextDocument(uri)).getText();
    const tests = leverSections(text).map(({ lever, line, start, end }): LeverTest => {
      const id = testId(uri.fsPath, lever);
      const item = this.#tests.get(id)?.item ?? this.#controller.createTestItem(id, this.#titleOf(lever), uri);
      item.range = new vscode.Range(line, start, line, end);
      item.sortText = String(line).padStart(6, "0");
      return { id, item, lever, path: uri.fsPath };
    });
    this.#forget(uri, new Set(tests.map(({ id }) => id)));
    for (const test of tests) this.#tests.set(test.id, test);
    if (tests.length === 0) this.#controller.items.delete(fileId(uri));
    else this.#fileOf(uri).children.replace(tests.map(({ item }) => item));
    this.#listener.onRead(uri.fsPath);
  }

  #fileOf(uri: vscode.Uri): vscode.TestItem {
    const known = this.#controller.items.get(fileId(uri));
    if (known !== undefined) return known;
    const file = this.#controller.createTestItem(fileId(uri), vscode.workspace.asRelativePath(uri), uri);
    this.#controller.items.add(file);
    return file;
  }

  #drop(uri: vscode.Uri): void {
    this.#controller.items.delete(fileId(uri));
    this.#forget(uri, new Set());
  }

  #forget({ fsPath }: vscode.Uri, kept: ReadonlySet<string>): void {
    for (const test of this.all) {
      if (test.path !== fsPath || kept.has(test.id)) continue;
      this.#tests.delete(test.id);
      this.#listener.onGone(test);
    }
  }
}

function isRaceFile({ scheme, path }: vscode.Uri): boolean {
  return scheme === "file" && path.endsWith(".igla.toml");
}
