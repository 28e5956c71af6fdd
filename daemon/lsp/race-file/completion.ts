/** What can be written at a place of a race file. */
import { type CompletionItem, CompletionItemKind, InsertTextFormat } from "vscode-languageserver";
import type { TextDocument } from "vscode-languageserver-textdocument";
import { type Candidates, withoutPlaceholders } from "./candidate.ts";
import { headerCandidates } from "./complete-header.ts";
import { keyCandidates } from "./complete-key.ts";
import { valueCandidates } from "./complete-value.ts";
import { cursorAt } from "./text/cursor.ts";

export function candidatesAt(text: string, offset: number): Candidates {
  const cursor = cursorAt(text, offset);
  switch (cursor.kind) {
    case "header":
      return headerCandidates(text, cursor.header);
    case "key":
      return keyCandidates(text, cursor);
    case "value":
      return { range: cursor.word, candidates: valueCandidates(cursor) };
    case "nothing":
      return { range: { from: offset, to: offset }, candidates: [] };
  }
}

const kinds = {
  section: CompletionItemKind.Module,
  key: CompletionItemKind.Property,
  value: CompletionItemKind.Value,
  lever: CompletionItemKind.Event,
  dimension: CompletionItemKind.Variable,
} as const;

/** @param snippets whether the client expands placeholders; else they become their text */
export function complete(document: TextDocument, offset: number, snippets: boolean): CompletionItem[] {
  const { range, candidates } = candidatesAt(document.getText(), offset);
  // An editor's completion stays in its line; a text in triple quotes does not.
  if (document.getText().slice(range.from, range.to).includes("\n")) return [];
  const replaced = { start: document.positionAt(range.from), end: document.positionAt(range.to) };
  return candidates.map(({ label, kind, insert, detail, markdown, filter, order }, i) => ({
    label,
    kind: kinds[kind],
    detail,
    documentation: { kind: "markdown", value: markdown },
    filterText: filter ?? label,
    sortText: String((order ?? 1) * 1000 + i).padStart(5, "0"),
    insertTextFormat: snippets ? InsertTextFormat.Snippet : InsertTextFormat.PlainText,
    textEdit: { range: replaced, newText: snippets ? insert : withoutPlaceholders(insert) },
  }));
}
