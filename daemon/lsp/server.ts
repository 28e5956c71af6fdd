/** The language server: documents and requests on one side, the pure functions beside this file on the other. */
import { type Connection, MarkupKind, RequestType, TextDocumentSyncKind, TextDocuments } from "vscode-languageserver";
import { TextDocument } from "vscode-languageserver-textdocument";
import { type CheckParams, checkRequest, type RaceCheck } from "../protocol/race-check.ts";
import { checkRaceText } from "./race-file/check.ts";
import { complete } from "./race-file/completion.ts";
import { diagnose } from "./race-file/diagnostics.ts";
import { codeActions } from "./race-file/fixes.ts";
import { hoverAt } from "./race-file/hover.ts";
import { outline } from "./race-file/outline.ts";

/** Typing must pause for so long before a changed text is checked; an opened one is checked at once. */
const pauseMs = 80;

export function serve(connection: Connection): void {
  const documents = new TextDocuments(TextDocument);
  let snippets = false;
  connection.onInitialize(({ capabilities }) => {
    snippets = capabilities.textDocument?.completion?.completionItem?.snippetSupport === true;
    return {
      capabilities: {
        textDocumentSync: TextDocumentSyncKind.Incremental,
        completionProvider: { triggerCharacters: ["[", ".", '"', "=", ",", " "] },
        hoverProvider: true,
        codeActionProvider: { codeActionKinds: ["quickfix"] },
        documentSymbolProvider: true,
      },
      serverInfo: { name: "igla" },
    };
  });
  publishDiagnostics(connection, documents);

  connection.onCompletion(({ textDocument, position, context }) => {
    const document = documents.get(textDocument.uri);
    if (document === undefined) return [];
    const offset = document.offsetAt(position);
    // A blank asks for values after `=` and `,`; anywhere else it is only a blank.
    const before = document.getText().slice(0, offset).trimEnd();
    if (context?.triggerCharacter === " " && !/[=,[{]$/.test(before)) return [];
    return complete(document, offset, snippets);
  });
  connection.onHover(({ textDocument, position }) => {
    const document = documents.get(textDocument.uri);
    const hover = document && hoverAt(document.getText(), document.offsetAt(position));
    if (!document || !hover) return null;
    const range = { start: document.positionAt(hover.from), end: document.positionAt(hover.to) };
    return { range, contents: { kind: MarkupKind.Markdown, value: hover.markdown } };
  });
  connection.onCodeAction(({ textDocument, context }) => {
    const document = documents.get(textDocument.uri);
    return document ? codeActions(document, context.diagnostics) : [];
  });
  connection.onDocumentSymbol(({ textDocument }) => {
    const document = documents.get(textDocument.uri);
    return document ? outline(document.getText(), (offset) => document.positionAt(offset)) : [];
  });
  connection.onRequest(new RequestType<CheckParams, RaceCheck, void>(checkRequest), ({ text, file }) =>
    checkRaceText(text, file),
  );
  documents.listen(connection);
  connection.listen();
}

function publishDiagnostics(connection: Connection, documents: TextDocuments<TextDocument>): void {
  const timers = new Map<string, NodeJS.Timeout>();
  /** Version with which a document was opened, by URI. */
  const opened = new Map<string, number>();
  const check = (document: TextDocument) => {
    const file = decodeURIComponent(document.uri.slice(document.uri.lastIndexOf("/") + 1));
    const { uri, version } = document;
    void connection.sendDiagnostics({ uri, version, diagnostics: diagnose(document.getText(), file) });
  };
  documents.onDidOpen(({ document }) => {
    opened.set(document.uri, document.version);
    check(document);
  });
  documents.onDidChangeContent(({ document }) => {
    // The library reports an opened document as changed, too.
    if (document.version === opened.get(document.uri)) return;
    clearTimeout(timers.get(document.uri));
    timers.set(
      document.uri,
      setTimeout(() => check(document), pauseMs),
    );
  });
  documents.onDidClose(({ document }) => {
    clearTimeout(timers.get(document.uri));
    timers.delete(document.uri);
    opened.delete(document.uri);
    void connection.sendDiagnostics({ uri: document.uri, diagnostics: [] });
  });
}
