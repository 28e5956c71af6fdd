/** Sends diagnostics: of an opened text at once, of a changed one when typing pauses, of any one when what it rests on changed. */
import type { Connection, Diagnostic, TextDocuments } from "vscode-languageserver";
import type { TextDocument } from "vscode-languageserver-textdocument";

/** Typing must pause for so long before a changed text is checked. */
const pauseMs = 80;

export class Publisher {
  readonly #connection: Connection;
  readonly #timers = new Map<string, NodeJS.Timeout>();
  #diagnose: (document: TextDocument) => Diagnostic[] = () => [];
  /** Called before a text is looked at, and with null when it was closed. */
  #onText: (uri: string, document: TextDocument | null) => void = () => undefined;

  constructor(connection: Connection, documents: TextDocuments<TextDocument>) {
    this.#connection = connection;
    /** Version with which a document was opened, by URI. */
    const opened = new Map<string, number>();
    documents.onDidOpen(({ document }) => {
      opened.set(document.uri, document.version);
      this.#check(document);
    });
    documents.onDidChangeContent(({ document }) => {
      // The library reports an opened document as changed, too.
      if (document.version === opened.get(document.uri)) return;
      clearTimeout(this.#timers.get(document.uri));
      this.#timers.set(
        document.uri,
        setTimeout(() => this.#check(document), pauseMs),
      );
    });
    documents.onDidClose(({ document }) => {
      clearTimeout(this.#timers.get(document.uri));
      this.#timers.delete(document.uri);
      opened.delete(document.uri);
      this.send(document.uri, null, []);
      this.#onText(document.uri, null);
    });
  }

  use(diagnose: (document: TextDocument) => Diagnostic[]): void {
    this.#diagnose = diagnose;
  }

  onText(listener: (uri: string, document: TextDocument | null) => void): void {
    this.#onText = listener;
  }

  /** What an open text looks like now. */
  publish(document: TextDocument): void {
    this.send(document.uri, document.version, this.#diagnose(document));
  }

  send(uri: string, version: number | null, diagnostics: Diagnostic[]): void {
    void this.#connection.sendDiagnostics({ uri, diagnostics, ...(version === null ? {} : { version }) });
  }

  #check(document: TextDocument): void {
    this.#onText(document.uri, document);
    this.publish(document);
  }
}
