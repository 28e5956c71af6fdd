/** The chart of the plotted trials: a command opens it, and it comes back after a reload of the window. */
import * as vscode from "vscode";
import type { Connection } from "../connection/connection.ts";
import type { PlottedTrials } from "../views/plotted.ts";
import { chartViewType } from "../webview/chart/view-type.ts";
import type { ChartPanel } from "./chart-panel.ts";

/** What the chart needs is loaded when it is first shown: activation must stay short. */
export function registerChart(
  context: vscode.ExtensionContext,
  connection: Connection,
  plotted: PlottedTrials,
  log: (message: string) => void,
): vscode.Disposable {
  let loading: Promise<ChartPanel> | null = null;
  const chart = (): Promise<ChartPanel> => {
    loading ??= import("./chart-panel.ts").then(
      ({ ChartPanel }) => new ChartPanel(context.extensionUri, connection, plotted, log),
    );
    return loading;
  };
  return vscode.Disposable.from(
    vscode.commands.registerCommand("igla.openChart", async () => (await chart()).show()),
    vscode.window.registerWebviewPanelSerializer(chartViewType, {
      deserializeWebviewPanel: async (panel) => (await chart()).adopt(panel),
    }),
    { dispose: () => void loading?.then((open) => open.dispose()) },
  );
}
