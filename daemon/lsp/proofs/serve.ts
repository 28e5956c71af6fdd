/** Connects the store of proofs to an editor: folders, files that change, settings, requests, and news in return. */
import {
  type ClientCapabilities,
  CodeLensRefreshRequest,
  type Connection,
  type Diagnostic,
  DidChangeWatchedFilesNotification,
  type FileSystemWatcher,
  InlayHintRefreshRequest,
  NotificationType,
  NotificationType0,
  RequestType,
  RequestType0,
  type TextDocuments,
  WatchKind,
} from "vscode-languageserver";
import type { TextDocument } from "vscode-languageserver-textdocument";
import { scanProof } from "../../invariants/coq/scan.ts";
import {
  type CheckProofsParams,
  type CheckProofsResult,
  checkProofsRequest,
  type IsProofParams,
  isProofRequest,
  type ProverSettings,
  proverSettingsChanged,
  type ReportResult,
  reportRequest,
  reportsChanged,
} from "../../protocol/invariant-requests.ts";
import type { Publisher } from "../publisher.ts";
import { reasonsByPath, toDiagnostic, uriOf } from "./diagnostics.ts";
import type { ProofFolder } from "./proof-folder.ts";
import type { ProofStore } from "./proof-store.ts";
import { fileOf, type ProofProvider } from "./provider.ts";

export interface ProofLink {
  readonly connection: Connection;
  readonly documents: TextDocuments<TextDocument>;
  readonly publisher: Publisher;
  readonly store: ProofStore;
  readonly provider: ProofProvider;
  /** Told of every file that was written, and of files and folders that came or went. */
  readonly onWritten: (uri: string) => void;
}

type NewsLink = Pick<ProofLink, "connection" | "documents" | "publisher">;

const watched: readonly FileSystemWatcher[] = [
  ...["**/*.v", "**/*.json", "**/_CoqProject", "**/_RocqProject", "**/*.igla.toml", "**/seed_results.jsonl*"].map(
    (globPattern) => ({ globPattern }),
  ),
  // Of a folder that goes, comes or is renamed, only the folder itself is told, and its name may be anything.
  { globPattern: "**/*", kind: WatchKind.Create | WatchKind.Delete },
];

/** What the editor says once, at the beginning. */
export interface Introduction {
  readonly capabilities: ClientCapabilities;
  readonly folders: readonly string[];
  readonly settings: ProverSettings;
}

export function serveProofs({ connection, documents, publisher, store, provider, onWritten }: ProofLink): void {
  publisher.onText((uri, document) => {
    const at = provider.locate(uri);
    if (at === null) return;
    if (document === null) store.closed(at);
    else store.opened(at, document.getText());
  });
  documents.onDidSave(({ document }) => written(document.uri));
  connection.onDidChangeWatchedFiles(({ changes }) => {
    for (const { uri } of changes) written(uri);
  });
  connection.onRequest(new RequestType0<ReportResult, void>(reportRequest), () => ({ folders: store.reports() }));
  connection.onRequest(
    new RequestType<CheckProofsParams, CheckProofsResult, void>(checkProofsRequest),
    (params, token): Promise<CheckProofsResult> => {
      const abort = new AbortController();
      token.onCancellationRequested(() => abort.abort());
      return store.check(params, abort.signal);
    },
  );
  connection.onRequest(new RequestType<IsProofParams, boolean, void>(isProofRequest), ({ uri }) => {
    const text = documents.get(uri)?.getText();
    const scan = text === undefined ? null : scanProof(uri, text);
    // An empty file may become anything.
    return scan?.kind === "coq" && scan.declarations.length > 0;
  });
  connection.onNotification(new NotificationType<ProverSettings>(proverSettingsChanged), (settings) =>
    store.configure(settings),
  );
  connection.onShutdown(() => store.dispose());

  function written(uri: string): void {
    const at = provider.locate(uri);
    if (at !== null) store.written(at);
    onWritten(uri);
  }
}

/** After the handshake: folders are read, and the editor is asked to tell of changes. */
export async function startProofs(
  { connection, store, provider, documents }: ProofLink,
  { capabilities, folders, settings }: Introduction,
): Promise<void> {
  const { workspace } = capabilities;
  if (workspace?.didChangeWatchedFiles?.dynamicRegistration === true) {
    await connection.client.register(DidChangeWatchedFilesNotification.type, { watchers: [...watched] });
  }
  if (workspace?.workspaceFolders === true) {
    connection.workspace.onDidChangeWorkspaceFolders(async ({ added, removed }) => {
      for (const { uri } of removed) await store.removeFolder(fileOf(uri) ?? "");
      await Promise.all(added.map(({ uri }) => addFolder(fileOf(uri))));
    });
  }
  const looking = store.configure(settings);
  await Promise.all([looking, ...folders.map(addFolder)]);

  async function addFolder(path: string | null): Promise<void> {
    if (path === null) return;
    await store.addFolder(path);
    // Texts that were opened before their folder was known.
    for (const document of documents.all()) {
      const at = provider.locate(document.uri);
      if (at?.folder.folder === path) store.opened(at, document.getText());
    }
    await store.begin(path);
  }
}

/** Tells the editor what changed, and takes back what is no longer said of files that are not open. */
export class ProofNews {
  readonly #link: NewsLink;
  /** Files with diagnostics, by folder. */
  readonly #published = new Map<string, ReadonlySet<string>>();
  #refreshes: { readonly lenses: boolean; readonly hints: boolean } = { lenses: false, hints: false };

  constructor(link: NewsLink) {
    this.#link = link;
  }

  allow({ workspace }: ClientCapabilities): void {
    this.#refreshes = {
      lenses: workspace?.codeLens?.refreshSupport === true,
      hints: workspace?.inlayHint?.refreshSupport === true,
    };
  }

  tell(folders: readonly ProofFolder[], isServed: (folder: ProofFolder) => boolean): void {
    const { connection } = this.#link;
    for (const folder of folders) this.#publishClosed(folder, isServed(folder));
    void connection.sendNotification(new NotificationType0(reportsChanged));
    this.refresh();
    if (this.#refreshes.hints) connection.sendRequest(InlayHintRefreshRequest.type).catch(() => undefined);
  }

  /** Diagnostics and lenses of what is open, once more. */
  refresh(): void {
    const { connection, documents, publisher } = this.#link;
    for (const document of documents.all()) publisher.publish(document);
    // An editor that cannot refresh now asks again by itself.
    if (this.#refreshes.lenses) connection.sendRequest(CodeLensRefreshRequest.type).catch(() => undefined);
  }

  #publishClosed(folder: ProofFolder, isServed: boolean): void {
    const { publisher } = this.#link;
    const before = this.#published.get(folder.folder) ?? new Set();
    const now = new Set<string>();
    if (isServed) {
      for (const [path, reasons] of reasonsByPath(folder)) {
        if (folder.texts.isOpen(path) || reasons.length === 0) continue;
        now.add(path);
        publisher.send(
          uriOf(folder.folder, path),
          null,
          reasons.map((reason) => toDiagnostic(reason, folder.folder)),
        );
      }
    }
    for (const path of before) {
      if (!now.has(path) && !folder.texts.isOpen(path)) publisher.send(uriOf(folder.folder, path), null, []);
    }
    this.#published.set(folder.folder, now);
  }
}

/** Of an open proof or assertion file. */
export function proofDiagnostics(provider: ProofProvider, uri: string): Diagnostic[] {
  const at = provider.locate(uri);
  if (at === null) return [];
  const reasons = reasonsByPath(at.folder).get(at.path) ?? [];
  return reasons.map((reason) => toDiagnostic(reason, at.folder.folder));
}
