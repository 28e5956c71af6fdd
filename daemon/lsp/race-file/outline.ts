/** The outline of a race file: its sections, and the keys in them. */
import { type DocumentSymbol, type Position, SymbolKind } from "vscode-languageserver";
import { type Assignment, type Header, type Range, readStatements } from "./text/statements.ts";

/** @param positionAt offset to line and character */
export function outline(text: string, positionAt: (offset: number) => Position): DocumentSymbol[] {
  const range = ({ from, to }: Range) => ({ start: positionAt(from), end: positionAt(to) });
  const top: DocumentSymbol[] = [];
  let section: { header: Header; keys: Assignment[] } | null = null;
  const close = () => {
    if (section === null) return;
    const { header, keys } = section;
    top.push({
      name: nameOf(header) || "[ ]",
      kind: kindOf(header),
      range: range({ from: header.from, to: keys.at(-1)?.to ?? header.to }),
      selectionRange: range(header),
      children: keys.map(keySymbol),
    });
  };
  const keySymbol = (key: Assignment): DocumentSymbol => ({
    name: nameOf(key) || "?",
    detail: valueText(text, key),
    kind: SymbolKind.Property,
    range: range(key),
    selectionRange: range({ from: key.path[0]?.from ?? key.from, to: key.path.at(-1)?.to ?? key.from }),
  });
  for (const statement of readStatements(text)) {
    if (statement.kind === "header") {
      close();
      section = { header: statement, keys: [] };
    } else if (section === null) top.push(keySymbol(statement));
    else section.keys.push(statement);
  }
  close();
  return top;
}

const nameOf = ({ path }: Assignment | Header) => path.map(({ text }) => text).join(".");

function kindOf({ path }: Header): SymbolKind {
  const section = path[0]?.text;
  return section === "levers" ? SymbolKind.Event : section === "space" ? SymbolKind.Array : SymbolKind.Module;
}

const detailLength = 40;

function valueText(text: string, { value, to }: Assignment): string {
  const shown = value === null ? "" : text.slice(value, to).trim().replace(/\s+/g, " ");
  return shown.length <= detailLength ? shown : `${shown.slice(0, detailLength - 3)}...`;
}
