/** Writes results into runs of the Test Explorer. */
import * as vscode from "vscode";
import type { TestResult } from "./lever-tests-model.ts";

/** Line ends of a terminal. */
export function line(text: string): string {
  return `${text}\r\n`;
}

export function publish(run: vscode.TestRun, item: vscode.TestItem, result: TestResult): void {
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
