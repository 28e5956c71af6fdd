/** The workbench of code-server in headless Chromium. */
import { join } from "node:path";
import { type BrowserContext, chromium, type Page } from "playwright-core";
import { CodeServer } from "./code-server.ts";
import { type Host, type HostOptions, markedEnvironment, viewport } from "./host.ts";
import type { Installation } from "./installation.ts";

const quietBrowser = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export async function startWebHost(installation: Installation, options: HostOptions): Promise<Host> {
  const server = await CodeServer.start(installation, options);
  let browser: BrowserContext;
  try {
    browser = await chromium.launchPersistentContext(join(options.folder, "browser"), {
      executablePath: installation.chromium,
      headless: true,
      viewport,
      args: quietBrowser,
      env: markedEnvironment(options.folder),
    });
  } catch (error) {
    await server.close();
    throw error;
  }
  return {
    async open(workspace: string): Promise<Page> {
      const page = await browser.newPage();
      await page.goto(server.url(workspace));
      return page;
    },
    async close() {
      await browser.close();
      await server.close();
    },
  };
}
