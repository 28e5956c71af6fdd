/** Opens the built chart in a browser without VS Code: a page with a theme, and an editor API that records messages. */
import { existsSync } from "node:fs";
import { build } from "esbuild";
import { type Browser, chromium, type Page } from "playwright-core";
import type {
  ChartMessage,
  CurveFacts,
  HostMessage,
  RaceFacts,
  TrialFacts,
} from "../../extension/webview/chart/messages.ts";
import { englishStrings } from "../../extension/webview/chart/strings.ts";
import { type ThemeName, themes } from "./themes.ts";

const root = new URL("../..", import.meta.url).pathname;
export const chromiumPath = "/usr/bin/chromium";
/** Goes into the names of skipped tests. */
export const hasChromium = existsSync(chromiumPath);

/** As much of the browser as the functions that run in the page use; the tests' own types are Node's. */
declare const window: { postMessage(data: unknown, origin: string): void; readonly stub: Stub };
declare const document: {
  readonly documentElement: { readonly style: { cssText: string; setProperty(name: string, value: string): void } };
  readonly body: { className: string; readonly dataset: Readonly<Record<string, string | undefined>> };
};
declare function requestAnimationFrame(run: (time: number) => void): number;

/** What the page's stub of the editor keeps. */
interface Stub {
  readonly posted: ChartMessage[];
  state: unknown;
}

/** A browser with the chart built from its sources; its pages cost little. */
export class ChartBrowser {
  readonly #browser: Browser;
  readonly #files: readonly { readonly path: string; readonly text: string }[];

  private constructor(browser: Browser, files: readonly { readonly path: string; readonly text: string }[]) {
    this.#browser = browser;
    this.#files = files;
  }

  static async start(): Promise<ChartBrowser> {
    const { outputFiles } = await build({
      absWorkingDir: root,
      entryPoints: { chart: "extension/webview/chart/main.ts" },
      bundle: true,
      format: "iife",
      target: "es2022",
      minify: true,
      write: false,
      outdir: "/chart",
      logLevel: "warning",
    });
    const args = ["--no-sandbox", "--disable-gpu"];
    return new ChartBrowser(await chromium.launch({ executablePath: chromiumPath, args }), outputFiles);
  }

  async close(): Promise<void> {
    await this.#browser.close();
  }

  /**
   * Opens the chart on a page with the policy of the extension.
   * @param state what the editor has kept of an earlier page
   */
  async open(pageText: (script: string, style: string) => string, state?: unknown): Promise<ChartPage> {
    const page = await this.#browser.newPage({ viewport: { width: 1200, height: 760 } });
    await page.addInitScript((saved) => {
      const stub: Stub = { posted: [], state: saved };
      Object.assign(window, {
        stub,
        acquireVsCodeApi: () => ({
          postMessage: (message: ChartMessage) => stub.posted.push(message),
          getState: () => stub.state,
          setState: (next: unknown) => {
            stub.state = next;
          },
        }),
      });
    }, state);
    await page.route("http://chart.test/**", (route) => {
      const { pathname } = new URL(route.request().url());
      if (pathname === "/") {
        const body = pageText("http://chart.test/chart.js", "http://chart.test/chart.css");
        return route.fulfill({ contentType: "text/html", body });
      }
      const file = this.#files.find(({ path }) => path.endsWith(pathname));
      const contentType = pathname.endsWith(".css") ? "text/css" : "text/javascript";
      return file === undefined ? route.fulfill({ status: 204 }) : route.fulfill({ contentType, body: file.text });
    });
    const chart = new ChartPage(page);
    await page.goto("http://chart.test/");
    await chart.setTheme("dark");
    await chart.send({ kind: "init", strings: englishStrings, locale: "en", targetBpb: null });
    return chart;
  }
}

export class ChartPage {
  readonly page: Page;
  /** Violations of the page's policy and errors of its script. */
  readonly problems: string[] = [];

  constructor(page: Page) {
    this.page = page;
    page.on("pageerror", (error) => this.problems.push(error.message));
    page.on("console", (message) => {
      if (message.type() === "error") this.problems.push(message.text());
    });
  }

  async setTheme(name: ThemeName): Promise<void> {
    const { kind, colors } = themes[name];
    await this.page.evaluate(
      ({ kind, colors }) => {
        const { style } = document.documentElement;
        style.cssText = "";
        for (const [key, value] of Object.entries(colors)) style.setProperty(`--vscode-${key}`, value);
        style.setProperty("--vscode-font-family", "sans-serif");
        style.setProperty("--vscode-font-size", "13px");
        style.setProperty("--vscode-editor-font-family", "monospace");
        document.body.className = kind;
      },
      { kind, colors },
    );
  }

  async send(message: HostMessage): Promise<void> {
    await this.page.evaluate((data) => window.postMessage(data, "*"), message);
  }

  async posted(): Promise<ChartMessage[]> {
    return this.page.evaluate(() => window.stub.posted);
  }
  async saved(): Promise<unknown> {
    return this.page.evaluate(() => window.stub.state);
  }

  /** Waits until what was sent before is drawn and told: frames first, then the texts, which follow within 200 ms. */
  async settled(): Promise<void> {
    await this.page.evaluate(async () => {
      await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
      await new Promise((done) => setTimeout(done, 250));
    });
  }

  /** Sends trials, waits for the chart's query, and answers it. */
  async plot(races: readonly RaceFacts[], trials: readonly TrialFacts[], curves: readonly CurveFacts[]): Promise<void> {
    await this.send({ kind: "plotted", races, trials, leftOut: 0 });
    const query = await this.page.waitForFunction(() => {
      const { posted } = window.stub;
      return posted.findLast((message) => message.kind === "query");
    });
    const asked = (await query.jsonValue()) as Extract<ChartMessage, { kind: "query" }>;
    await this.send({ kind: "curves", queryId: asked.queryId, isDetail: false, range: null, curves });
    await this.settled();
  }

  async series(): Promise<readonly { trialId: string; lastStep: number; points: number; trainBpb: number | null }[]> {
    await this.settled();
    return JSON.parse((await this.page.evaluate(() => document.body.dataset.series)) ?? "[]");
  }
}
