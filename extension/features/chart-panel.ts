/** The chart's panel, one at a time: its page, what it is fed with, and the files that it saves. */
import { homedir } from "node:os";
import * as vscode from "vscode";
import type { Connection } from "../connection/connection.ts";
import { notifyError, showLogAction } from "../notify.ts";
import { formatPoint } from "../views/format.ts";
import type { PlottedTrials } from "../views/plotted.ts";
import { type HostMessage, parseChartMessage } from "../webview/chart/messages.ts";
import { chartViewType } from "../webview/chart/view-type.ts";
import { csvHeader, csvRows, wholeCurve } from "./chart-csv.ts";
import { chartPage, chartRoots, chartStrings } from "./chart-page.ts";
import { ChartSession } from "./chart-session.ts";

export class ChartPanel {
  readonly #extension: vscode.Uri;
  readonly #connection: Connection;
  readonly #plotted: PlottedTrials;
  readonly #log: (message: string) => void;
  readonly #settings: vscode.Disposable;
  #panel: vscode.WebviewPanel | null = null;

  constructor(extension: vscode.Uri, connection: Connection, plotted: PlottedTrials, log: (message: string) => void) {
    this.#extension = extension;
    this.#connection = connection;
    this.#plotted = plotted;
    this.#log = log;
    this.#settings = vscode.workspace.onDidChangeConfiguration((change) => {
      if (change.affectsConfiguration("igla.chart")) void this.#panel?.webview.postMessage(greeting());
    });
  }

  show(): void {
    if (this.#panel !== null) {
      this.#panel.reveal();
      return;
    }
    const title = vscode.l10n.t("Igla: Bits per Byte");
    this.adopt(vscode.window.createWebviewPanel(chartViewType, title, vscode.ViewColumn.Active));
  }

  /** Fills a panel that was just made, or that the editor brought back. */
  adopt(panel: vscode.WebviewPanel): void {
    this.#panel?.dispose();
    this.#panel = panel;
    const { webview } = panel;
    const session = this.#startSession(webview);
    panel.iconPath = vscode.Uri.joinPath(this.#extension, "media", "icon.svg");
    webview.options = { enableScripts: true, localResourceRoots: chartRoots(this.#extension) };
    webview.onDidReceiveMessage((value: unknown) => this.#receive(value, session));
    // A hidden page is thrown away; it starts anew when it is shown.
    panel.onDidChangeViewState(() => {
      if (!panel.visible) session.pause();
    });
    panel.onDidDispose(() => {
      session.dispose();
      if (this.#panel === panel) this.#panel = null;
    });
    webview.html = chartPage(webview, this.#extension);
  }

  dispose(): void {
    this.#settings.dispose();
    this.#panel?.dispose();
  }

  #startSession(webview: vscode.Webview): ChartSession {
    return new ChartSession({
      connection: this.#connection,
      plotted: this.#plotted,
      post: (message) => void webview.postMessage(message),
      greeting,
      label: (trial) => `#${trial.number} ${formatPoint(trial.point)}`.trim(),
      log: this.#log,
    });
  }

  #receive(value: unknown, session: ChartSession): void {
    const message = parseChartMessage(value);
    if (message === null) {
      this.#log("chart: a message that is none of the chart's was ignored");
      return;
    }
    if (message.kind === "ready" || message.kind === "query") {
      session.handle(message);
      return;
    }
    const saving = message.kind === "save-png" ? savePng(message.base64) : saveCsv(session, this.#connection);
    saving.catch((error: unknown) => {
      this.#log(`chart: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
      notifyError(vscode.l10n.t("The file could not be written."), showLogAction());
    });
  }
}

function greeting(): HostMessage {
  const target = vscode.workspace.getConfiguration("igla").get<number | null>("chart.targetBpb", null);
  return { kind: "init", strings: chartStrings(), locale: vscode.env.language, targetBpb: target };
}

async function savePng(base64: string): Promise<void> {
  const file = await askForFile("igla-bpb.png", { [vscode.l10n.t("PNG image")]: ["png"] });
  if (file !== undefined) await vscode.workspace.fs.writeFile(file, Buffer.from(base64, "base64"));
}

async function saveCsv(session: ChartSession, connection: Connection): Promise<void> {
  const trialIds = session.trialIds;
  const file = await askForFile("igla-bpb.csv", { [vscode.l10n.t("CSV table")]: ["csv"] });
  if (file === undefined) return;
  const location = vscode.ProgressLocation.Notification;
  await vscode.window.withProgress({ location, title: vscode.l10n.t("Writing curves") }, async () => {
    const rows = [csvHeader];
    for (const trialId of trialIds) {
      const race = [...connection.races.values()].find(({ trials }) => trials[trialId] !== undefined);
      const trial = race?.trials[trialId];
      if (race !== undefined && trial !== undefined)
        rows.push(...csvRows(race, trial, await wholeCurve(connection, trialId)));
    }
    await vscode.workspace.fs.writeFile(file, Buffer.from(`${rows.join("\r\n")}\r\n`));
  });
}

function askForFile(name: string, filters: Record<string, string[]>): Thenable<vscode.Uri | undefined> {
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri ?? vscode.Uri.file(homedir());
  return vscode.window.showSaveDialog({ defaultUri: vscode.Uri.joinPath(folder, name), filters });
}
