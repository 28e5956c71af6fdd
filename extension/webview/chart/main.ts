/** Entry point of the chart's webview. */
import "uplot/dist/uPlot.min.css";
import "./style.css";
import { ChartApp, type VsCodeApi } from "./app.ts";
import type { HostMessage } from "./messages.ts";

declare function acquireVsCodeApi(): VsCodeApi;

const root = document.getElementById("chart");
if (root === null) throw new Error("the page has no place for the chart");
const api = acquireVsCodeApi();
const app = new ChartApp(root, api);
// The page's policy lets no foreign script in; messages come from the extension host alone.
window.addEventListener("message", (event: MessageEvent<HostMessage>) => app.receive(event.data));
api.postMessage({ kind: "ready" });
