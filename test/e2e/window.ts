/** A workbench window: where things are, and the few things that a user does everywhere. */
import { join } from "node:path";
import type { FrameLocator, Locator, Page } from "playwright-core";

export class Window {
  readonly page: Page;
  readonly #pictures: string;

  constructor(page: Page, pictures: string) {
    this.page = page;
    this.#pictures = pictures;
    page.setDefaultTimeout(20_000);
  }

  /** The workbench is drawn; extensions may still be starting. */
  async ready(): Promise<void> {
    await this.page.locator(".monaco-workbench").waitFor({ timeout: 60_000 });
    await this.page.locator(".part.activitybar .action-item").first().waitFor({ timeout: 60_000 });
  }

  async reload(): Promise<void> {
    await this.page.reload();
    await this.ready();
  }

  async close(): Promise<void> {
    await this.page.close();
  }

  async picture(name: string): Promise<void> {
    await this.page.screenshot({ path: join(this.#pictures, `${name.replace(/[^a-z0-9]+/gi, "-")}.png`) });
  }

  /** Opens a container of the activity bar; leaves it open when it is. */
  async container(name: string): Promise<void> {
    const item = this.page.locator(`.activitybar .action-item:has(a[aria-label^="${name}"])`);
    await item.waitFor();
    if (!(await item.getAttribute("class"))?.includes("checked")) await item.click();
  }

  button(name: string | RegExp): Locator {
    return this.page.getByRole("button", { name });
  }

  /** Rows of a view whose title holds `view`. */
  rows(view: string): Locator {
    return this.page.locator(`.pane:has(.pane-header[aria-label*="${view}"]) .monaco-list-row`);
  }

  /** Runs a command from the palette. The palette does not notice an extension that arrives late, so it is asked again. */
  async command(name: string): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      await this.page.keyboard.press("F1");
      await this.#quickInput.waitFor();
      await this.#quickInput.fill(`>${name}`);
      const row = this.picks.filter({ hasText: name }).first();
      try {
        await row.click({ timeout: 2000 });
        return;
      } catch (error) {
        if (attempt === 10) throw error;
        await this.page.keyboard.press("Escape");
      }
    }
  }

  get #quickInput(): Locator {
    return this.page.locator('.quick-input-widget:not([style*="display: none"]) input');
  }

  /** Rows of the pick list that is open. */
  get picks(): Locator {
    return this.page.locator('.quick-input-widget:not([style*="display: none"]) .quick-input-list .monaco-list-row');
  }

  async openFile(name: string): Promise<void> {
    await this.page.keyboard.press("Control+p");
    await this.#quickInput.waitFor();
    await this.#quickInput.fill(name);
    await this.picks.filter({ hasText: name }).first().waitFor();
    await this.page.keyboard.press("Enter");
    await this.tab(name).waitFor();
  }

  tab(name: string): Locator {
    return this.page.locator(`.tabs-container .tab[data-resource-name="${name}"]`);
  }

  statusBar(text: string | RegExp): Locator {
    return this.page.locator(".statusbar-item", { hasText: text });
  }

  get notifications(): Locator {
    return this.page.locator(".notification-toast");
  }

  /** The document inside the webview that is shown. */
  get webview(): FrameLocator {
    return this.page.frameLocator("iframe.webview").frameLocator("iframe#active-frame");
  }
}
