/** The chart's page: one script, one style sheet, nothing inline, no connection to anywhere. */
import { randomBytes } from "node:crypto";
import * as vscode from "vscode";
import { type ChartStrings, englishStrings } from "../webview/chart/strings.ts";

export function chartRoots(extension: vscode.Uri): vscode.Uri[] {
  return [vscode.Uri.joinPath(extension, "dist", "webview"), vscode.Uri.joinPath(extension, "media")];
}

export function chartPage(webview: vscode.Webview, extension: vscode.Uri): string {
  const uri = (file: string) => webview.asWebviewUri(vscode.Uri.joinPath(extension, "dist", "webview", file));
  const nonce = randomBytes(16).toString("base64");
  return pageText(uri("chart.js").toString(), uri("chart.css").toString(), webview.cspSource, nonce);
}

/** @param source where the page may load its style sheet from */
export function pageText(script: string, style: string, source: string, nonce: string): string {
  const policy = [
    "default-src 'none'",
    `script-src 'nonce-${nonce}'`,
    `style-src ${source}`,
    `img-src ${source} data:`,
    `font-src ${source}`,
  ].join("; ");
  return `<!DOCTYPE html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta http-equiv="Content-Security-Policy" content="${policy}">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <link rel="stylesheet" href="${style}">
    <title>Igla</title>
  </head>
  <body>
    <main id="chart"></main>
    <script nonce="${nonce}" src="${script}"></script>
  </body>
</html>
`;
}

/** Every text of the chart in the editor's language; the English text is the key of the translation. */
export function chartStrings(): ChartStrings {
  const translated = Object.entries(englishStrings).map(([name, text]) => [name, vscode.l10n.t(text)]);
  return Object.fromEntries(translated) as unknown as ChartStrings;
}
