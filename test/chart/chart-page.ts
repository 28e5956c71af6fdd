/** Opens the built chart in a browser without VS Code: a page with a theme, and an editor API that records messages. */
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
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

const root = new URL("../..", import.meta.url).pathname;
export const chromiumPath = "/usr/bin/chromium";
/** Goes into the names of skipped tests. */
export const hasChromium = existsSync(chromiumPath);

export type ThemeName = "light" | "dark" | "high-contrast";

/** Excerpts of the editor's standard themes. */
const themes: Readonly<
  Record<ThemeName, { readonly kind: string; readonly colors: Readonly<Record<string, string>> }>
> = {
  dark: {
    kind: "vscode-dark",
    colors: {
      "editor-background": "#1f1f1f",
      "editor-foreground": "#cccccc",
      foreground: "#cccccc",
      descriptionForeground: "#9d9d9d",
      disabledForeground: "#cccccc80",
      focusBorder: "#0078d4",
      "charts-foreground": "#cccccc",
      "charts-red": "#f14c4c",
      "charts-blue": "#3794ff",
      "charts-yellow": "#cca700",
      "charts-orange": "#d18616",
      "charts-green": "#89d185",
      "charts-purple": "#b180d7",
      "button-background": "#0078d4",
      "button-secondaryBackground": "#313131",
      "button-secondaryForeground": "#cccccc",
      "settings-dropdownBackground": "#313131",
      "settings-dropdownForeground": "#cccccc",
      "button-secondaryHoverBackground": "#3c3c3c",
      "settings-checkboxForeground": "#cccccc",
      "settings-checkboxBackground": "#313131",
      "settings-textInputBackground": "#313131",
      "settings-textInputForeground": "#cccccc",
      "editorHoverWidget-background": "#202020",
      "editorHoverWidget-foreground": "#cccccc",
      "editorHoverWidget-border": "#454545",
      "textBlockQuote-background": "#2b2b2b",
      "editorLineNumber-foreground": "#6e7681",
    },
  },
  light: {
    kind: "vscode-light",
    colors: {
      "editor-background": "#ffffff",
      "editor-foreground": "#3b3b3b",
      foreground: "#3b3b3b",
      descriptionForeground: "#3b3b3b",
      disabledForeground: "#61616180",
      focusBorder: "#005fb8",
      "charts-foreground": "#3b3b3b",
      "charts-red": "#e51400",
      "charts-blue": "#1a85ff",
      "charts-yellow": "#bf8803",
      "charts-orange": "#d18616",
      "charts-green": "#388a34",
      "charts-purple": "#652d90",
      "button-background": "#005fb8",
      "button-secondaryBackground": "#e5e5e5",
      "button-secondaryForeground": "#3b3b3b",
      "settings-dropdownBackground": "#ffffff",
      "settings-dropdownForeground": "#3b3b3b",
      "settings-dropdownBorder": "#cecece",
      "button-secondaryHoverBackground": "#cccccc",
      "settings-checkboxForeground": "#3b3b3b",
      "settings-checkboxBackground": "#f8f8f8",
      "settings-checkboxBorder": "#cecece",
      "settings-textInputBackground": "#ffffff",
      "settings-textInputForeground": "#3b3b3b",
      "settings-textInputBorder": "#cecece",
      "editorHoverWidget-background": "#f8f8f8",
      "editorHoverWidget-foreground": "#3b3b3b",
      "editorHoverWidget-border": "#c8c8c8",
      "textBlockQuote-background": "#f8f8f8",
      "editorLineNumber-foreground": "#6e7681",
    },
  },
  "high-contrast": {
    kind: "vscode-high-contrast",
    colors: {
      "editor-background": "#000000",
      "editor-foreground": "#ffffff",
      foreground: "#ffffff",
      descriptionForeground: "#ffffff",
      disabledForeground: "#a5a5a5",
      contrastBorder: "#6fc3df",
      focusBorder: "#f38518",
      "charts-foreground": "#ffffff",
      "charts-red": "#f48771",
      "charts-blue": "#3794ff",
      "charts-yellow": "#cca700",
      "charts-orange": "#ff8e00",
      "charts-green": "#89d185",
      "charts-purple": "#b180d7",
      "button-secondaryForeground": "#ffffff",
      "button-border": "#6fc3df",
      "settings-dropdownBackground": "#000000",
      "settings-dropdownForeground": "#ffffff",
      "settings-dropdownBorder": "#6fc3df",
      "settings-checkboxBackground": "#000000",
      "settings-checkboxBorder": "#6fc3df",
      "settings-textInputBackground": "#000000",
      "settings-textInputForeground": "#ffffff",
      "settings-textInputBorder": "#6fc3df",
      "editorHoverWidget-background": "#000000",
      "editorHoverWidget-foreground": "#ffffff",
      "editorHoverWidget-border": "#6fc3df",
      "editorLineNumber-foreground": "#ffffff",
    },
  },
};

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

export class ChartPage {
  readonly page: Page;
  readonly #browser: Browser;
  /** Violations of the page's policy and errors of its script. */
  readonly problems: string[];

  private constructor(browser: Browser, page: Page, problems: string[]) {
    this.#browser = browser;
    this.page = page;
    this.problems = problems;
  }

  /** Builds the chart's sources and serves them with the policy that the extension uses. */
  static async open(
    pageText: (script: string, style: string) => string,
    state: unknown = undefined,
  ): Promise<ChartPage> {
    const outdir = "/chart";
    const { outputFiles } = await build({
      absWorkingDir: root,
      entryPoints: { chart: "extension/webview/chart/main.ts" },
      bundle: true,
      format: "iife",
      target: "es2022",
      minify: true,
      write: false,
      outdir,
      logLevel: "warning",
    });
    const browser = await chromium.launch({ executablePath: chromiumPath, args: ["--no-sandbox", "--disable-gpu"] });
    const page = await browser.newPage({ viewport: { width: 1200, height: 760 } });
    const problems: string[] = [];
    page.on("pageerror", (error) => problems.push(error.message));
    page.on("console", (message) => {
      if (message.type() === "error") problems.push(message.text());
    });
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
      const file = outputFiles.find(({ path }) => path.endsWith(pathname));
      const contentType = pathname.endsWith(".css") ? "text/css" : "text/javascript";
      return file === undefined ? route.fulfill({ status: 404 }) : route.fulfill({ contentType, body: file.text });
    });
    const chart = new ChartPage(browser, page, problems);
    await page.goto("http://chart.test/");
    await chart.setTheme("dark");
    await chart.send({ kind: "init", strings: englishStrings, locale: "en", targetBpb: null });
    return chart;
  }

  async close(): Promise<void> {
    await this.#browser.close();
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

  /** Waits for the next frame that has been drawn. */
  async frame(): Promise<void> {
    await this.page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
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
    await this.frame();
  }

  async series(): Promise<readonly { trialId: string; lastStep: number; points: number; trainBpb: number | null }[]> {
    // Texts follow the curves with a delay.
    await this.page.waitForTimeout(300);
    return JSON.parse((await this.page.evaluate(() => document.body.dataset.series)) ?? "[]");
  }
}

export async function readText(path: string): Promise<string> {
  return readFile(join(root, path), "utf8");
}
