/** Code actions on a lever whose claim did not hold: switch it off, or put it to the test again. */
import { type CodeAction, CodeActionKind, type Command, type Diagnostic } from "vscode-languageserver";
import type { TextDocument } from "vscode-languageserver-textdocument";
import { type LeverData, rangeOf } from "./diagnostics.ts";
import { switchOff } from "./switch-off.ts";

/** @param path absolute, of the race file */
export function falsifyCommand(title: string, path: string, lever: string): Command {
  return { title, command: "igla.falsifyLever", arguments: [{ path, lever }] };
}

export function leverActions(document: TextDocument, path: string, diagnostics: readonly Diagnostic[]): CodeAction[] {
  return diagnostics.flatMap((diagnostic): CodeAction[] => {
    const { source, code, data } = diagnostic;
    if (source !== "igla" || !/^lever\.(refuted|dead|invalid)$/.test(String(code)) || !isData(data)) return [];
    const kind = CodeActionKind.QuickFix;
    const title = "Falsify again";
    const again = { title, kind, diagnostics: [diagnostic], command: falsifyCommand(title, path, data.lever) };
    // An experiment that went wrong says nothing about the lever.
    return code === "lever.invalid" ? [again] : [...offAction(document, diagnostic, data.lever), again];
  });
}

function offAction(document: TextDocument, diagnostic: Diagnostic, lever: string): CodeAction[] {
  const ranges = switchOff(document.getText(), lever);
  if (ranges === null) return [];
  const edits = ranges.map((range) => ({ range: rangeOf(document, range), newText: "" }));
  return [
    {
      title: `Switch ${lever} off`,
      kind: CodeActionKind.QuickFix,
      diagnostics: [diagnostic],
      isPreferred: true,
      edit: { changes: { [document.uri]: edits } },
    },
  ];
}

function isData(data: unknown): data is LeverData {
  return typeof data === "object" && data !== null && "lever" in data && typeof data.lever === "string";
}
