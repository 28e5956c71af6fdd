/** The language server: documents and requests on one side, race files and proofs, each in its folder, on the other. */
import { sep } from "node:path";
import {
  type Connection,
  type InitializeParams,
  MarkupKind,
  RequestType,
  TextDocumentSyncKind,
  TextDocuments,
} from "vscode-languageserver";
import { TextDocument } from "vscode-languageserver-textdocument";
import type { ProverSettings } from "../protocol/invariant-requests.ts";
import { type CheckParams, checkRequest, type RaceCheck } from "../protocol/race-check.ts";
import { LeverProvider } from "./levers/provider.ts";
import { ProofStore } from "./proofs/proof-store.ts";
import { fileOf, isProofText, ProofProvider } from "./proofs/provider.ts";
import { type Introduction, ProofNews, proofDiagnostics, serveProofs, startProofs } from "./proofs/serve.ts";
import { Publisher } from "./publisher.ts";
import { checkRaceText } from "./race-file/check.ts";
import { complete } from "./race-file/completion.ts";
import { diagnose } from "./race-file/diagnostics.ts";
import { codeActions } from "./race-file/fixes.ts";
import { hoverAt } from "./race-file/hover.ts";
import { outline } from "./race-file/outline.ts";

export interface ServerOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly platform: NodeJS.Platform;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

export function serve(connection: Connection, options: ServerOptions): void {
  const documents = new TextDocuments(TextDocument);
  const publisher = new Publisher(connection, documents);
  const news = new ProofNews({ connection, documents, publisher });
  const store: ProofStore = new ProofStore({
    env: options.env,
    platform: options.platform,
    log: (message) => connection.console.error(message),
    onChange: (folders) => news.tell(folders, (folder) => store.folders.includes(folder)),
  });
  const provider = new ProofProvider(store, options.now);
  const levers: LeverProvider = new LeverProvider(
    // The store knows a folder once it has read it.
    (file) => store.locate(file)?.folder.folder ?? innermost(introduction?.folders ?? [], file),
    () => news.refresh(),
  );
  const onWritten = (uri: string) => levers.written(uri);
  const link = { connection, documents, publisher, store, provider, onWritten };
  let introduction: Introduction | null = null;
  let snippets = false;
  connection.onInitialize((params: InitializeParams) => {
    const { capabilities } = params;
    introduction = introductionOf(params);
    news.allow(capabilities);
    snippets = capabilities.textDocument?.completion?.completionItem?.snippetSupport === true;
    return {
      capabilities: {
        textDocumentSync: { openClose: true, change: TextDocumentSyncKind.Incremental, save: true },
        completionProvider: { triggerCharacters: ["[", ".", '"', "=", ",", " "] },
        hoverProvider: true,
        codeActionProvider: { codeActionKinds: ["quickfix", "refactor", ""] },
        documentSymbolProvider: true,
        definitionProvider: true,
        referencesProvider: true,
        codeLensProvider: {},
        inlayHintProvider: true,
        workspace: { workspaceFolders: { supported: true, changeNotifications: true } },
      },
      serverInfo: { name: "igla" },
    };
  });
  connection.onInitialized(() => {
    if (introduction === null) return;
    startProofs(link, introduction).catch((error: unknown) => connection.console.error(String(error)));
  });
  publisher.use((document) => {
    if (isProofText(document.uri)) return proofDiagnostics(provider, document.uri);
    const file = decodeURIComponent(document.uri.slice(document.uri.lastIndexOf("/") + 1));
    return [
      ...diagnose(document.getText(), file),
      ...provider.raceDiagnostics(document),
      ...levers.diagnostics(document),
    ];
  });
  serveProofs(link);
  serveText(connection, documents, provider, levers, () => snippets);
  documents.listen(connection);
  connection.listen();
}

function innermost(folders: readonly string[], file: string): string | null {
  const holders = folders.filter((folder) => file.startsWith(folder + sep));
  return holders.toSorted((a, b) => b.length - a.length)[0] ?? null;
}

/** An editor that says nothing about trust is not trusted. */
function introductionOf({ capabilities, workspaceFolders, initializationOptions }: InitializeParams): Introduction {
  const given = (initializationOptions as { readonly proofs?: Partial<ProverSettings> } | undefined)?.proofs;
  return {
    capabilities,
    folders: (workspaceFolders ?? []).flatMap(({ uri }) => fileOf(uri) ?? []),
    settings: {
      trusted: given?.trusted === true,
      proverPath: typeof given?.proverPath === "string" ? given.proverPath : "",
      enabled: given?.enabled !== false,
    },
  };
}

function serveText(
  connection: Connection,
  documents: TextDocuments<TextDocument>,
  provider: ProofProvider,
  levers: LeverProvider,
  snippets: () => boolean,
): void {
  connection.onCompletion(({ textDocument, position, context }) => {
    const document = documents.get(textDocument.uri);
    if (document === undefined || isProofText(document.uri)) return [];
    const offset = document.offsetAt(position);
    // A blank asks for values after `=` and `,`; anywhere else it is only a blank.
    const before = document.getText().slice(0, offset).trimEnd();
    if (context?.triggerCharacter === " " && !/[=,[{]$/.test(before)) return [];
    return complete(document, offset, snippets());
  });
  connection.onHover(({ textDocument, position }) => {
    const document = documents.get(textDocument.uri);
    if (document === undefined) return null;
    if (isProofText(document.uri)) return provider.hover(document, position);
    const key = hoverAt(document.getText(), document.offsetAt(position));
    const cited = provider.citeMarkdown(document, position);
    if (key === null) return provider.hover(document, position);
    const range = { start: document.positionAt(key.from), end: document.positionAt(key.to) };
    const verdict = key.lever === null ? [] : levers.markdown(document, key.lever);
    const parts = [key.markdown, ...verdict, ...cited];
    return { range, contents: { kind: MarkupKind.Markdown, value: parts.join("\n\n---\n\n") } };
  });
  connection.onCodeAction(({ textDocument, range, context }) => {
    const document = documents.get(textDocument.uri);
    if (document === undefined) return [];
    if (isProofText(document.uri)) return provider.actions(document, range, context.diagnostics);
    return [...codeActions(document, context.diagnostics), ...levers.actions(document, context.diagnostics)];
  });
  connection.onDocumentSymbol(({ textDocument }) => {
    const document = documents.get(textDocument.uri);
    if (document === undefined) return [];
    if (isProofText(document.uri)) return provider.symbols(document.uri);
    return outline(document.getText(), (offset) => document.positionAt(offset));
  });
  connection.onDefinition(({ textDocument, position }) => {
    const document = documents.get(textDocument.uri);
    return document ? provider.definitions(document, position) : [];
  });
  connection.onReferences(({ textDocument, position, context }) => {
    const document = documents.get(textDocument.uri);
    return document ? provider.references(document, position, context.includeDeclaration) : [];
  });
  connection.onCodeLens(({ textDocument }) => {
    const document = documents.get(textDocument.uri);
    if (document === undefined || isProofText(document.uri)) return provider.lenses(textDocument.uri);
    return levers.lenses(document);
  });
  connection.languages.inlayHint.on(({ textDocument, range }) => {
    const document = documents.get(textDocument.uri);
    return document ? provider.hints(document, range) : [];
  });
  connection.onRequest(new RequestType<CheckParams, RaceCheck, void>(checkRequest), ({ text, file }) =>
    checkRaceText(text, file),
  );
}
