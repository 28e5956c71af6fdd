/** The chart's page as VS Code needs it: addresses of its files, and texts in the editor's language. */
import { randomBytes } from "node:crypto";
import * as vscode from "vscode";
import { type ChartStrings, englishStrings } from "../webview/chart/strings.ts";
import { pageText } from "./chart-html.ts";

export function chartRoots(extension: vscode.Uri): vscode.Uri[] {
  return [vscode.Uri.joinPath(extension, "dist", "webview"), vscode.Uri.joinPath(extension, "media")];
}

export function chartPage(webview: vscode.Webview, extension: vscode.Uri): string {
  const uri = (file: string) => webview.asWebviewUri(vscode.Uri.joinPath(extension, "dist", "webview", file));
  const nonce = randomBytes(16).toString("base64");
  return pageText(uri("chart.js").toString(), uri("chart.css").toString(), webview.cspSource, nonce);
}

/** Every text of the chart in the editor's language; the English text is the key of the translation. */
export function chartStrings(): ChartStrings {
  const translated = Object.entries(englishStrings).map(([name, text]) => [name, vscode.l10n.t(text)]);
  return Object.fromEntries(translated) as unknown as ChartStrings;
}
