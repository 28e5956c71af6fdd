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

  /** Opens a container of the activity bar; leaves it open when it is. After a reload it may still be coming back. */
  async container(name: string): Promise<void> {
    const open = this.page.locator(".part.sidebar .composite.title", { hasText: name });
    const item = this.page.locator(`.activitybar .action-item:has(a[aria-label^="${name}"])`);
    await item.waitFor();
    for (let attempt = 1; ; attempt++) {
      try {
        await open.waitFor({ timeout: attempt === 1 ? 1500 : 5000 });
        return;
      } catch (error) {
        if (attempt === 5) throw error;
        await item.click();
      }
    }
  }

  /** Chooses a colour theme as a user does. */
  async theme(name: string): Promise<void> {
    await this.command("Preferences: Color Theme");
    await this.#quickInput.fill(name);
    await this.picks
      .filter({ has: this.page.getByText(name, { exact: true }) })
      .first()
      .click();
    await this.#quickInput.waitFor({ state: "hidden" });
  }

  /** A button of a view's welcome or of a dialog; title bars have icons of the same name. */
  button(name: string | RegExp): Locator {
    return this.page.locator(".monaco-button", { hasText: name });
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

  /** Runs a command where the palette offers it; false where it does not. */
  async commandIfOffered(name: string): Promise<boolean> {
    await this.page.keyboard.press("F1");
    await this.#quickInput.waitFor();
    await this.#quickInput.fill(`>${name}`);
    await this.picks.first().waitFor();
    const row = this.picks.filter({ hasText: name }).first();
    const isOffered = (await row.count()) > 0;
    if (isOffered) await row.click();
    else await this.page.keyboard.press("Escape");
    return isOffered;
  }

  /** The chart's tab, opened where a reload has not brought it back. */
  async showChart(): Promise<void> {
    await this.command("Igla: Open chart");
    await this.webview.locator("body[data-series]").waitFor();
  }

  /** What the workbench says an extension's activation took. */
  async activationMs(extension: string): Promise<number> {
    await this.command("Developer: Show Running Extensions");
    const row = this.page.locator(".runtime-extensions-editor .monaco-list-row", { hasText: extension }).first();
    await row.waitFor();
    const text = await row.innerText();
    await this.page.keyboard.press("Control+w");
    const found = /(\d+)\s*ms/.exec(text)?.[1];
    if (found === undefined) throw new Error(`no activation time in: ${text}`);
    return Number(found);
  }

  /** Opens the context menu of a row; its items. */
  async menuOf(row: Locator): Promise<Locator> {
    await row.click({ button: "right" });
    const items = this.page.locator(".context-view .monaco-menu .action-item a.action-menu-item");
    await items.first().waitFor();
    return items;
  }

  /** Chooses from an open context menu, which takes no click in its first moments. */
  async choose(items: Locator, text: RegExp): Promise<void> {
    const item = items.filter({ hasText: text });
    for (let attempt = 1; ; attempt++) {
      await item.click();
      try {
        await item.waitFor({ state: "hidden", timeout: 2000 });
        return;
      } catch (error) {
        if (attempt === 5) throw error;
      }
    }
  }

  /** What a screen reader says of each row: label and description. */
  async spoken(rows: Locator): Promise<string[]> {
    return rows.evaluateAll((all) => all.map((row) => row.getAttribute("aria-label") ?? ""));
  }

  async texts(rows: Locator): Promise<string[]> {
    return (await rows.allInnerTexts()).map((text) => text.replaceAll(/\s+/g, " ").trim());
  }

  /** By its name in the quick open list, which may still be filling when it is answered: so it is asked again. */
  async openFile(name: string): Promise<void> {
    const active = this.page.locator(`.tabs-container .tab.active[data-resource-name="${name}"]`);
    for (let attempt = 1; ; attempt++) {
      await this.page.keyboard.press("Control+p");
      await this.#quickInput.waitFor();
      await this.#quickInput.fill(name);
      try {
        await this.picks.filter({ hasText: name }).first().click({ timeout: 5000 });
        await active.waitFor({ timeout: 5000 });
        return;
      } catch (error) {
        if (attempt === 5) throw error;
        await this.page.keyboard.press("Escape");
      }
    }
  }

  /** In the active editor. Another pick list may be closing in the same moment, so it is asked again. */
  async goTo(line: number, column: number): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        await this.page.keyboard.press("Control+g");
        await this.#quickInput.fill(`:${line}:${column}`, { timeout: 2000 });
        await this.picks
          .filter({ hasText: `line ${line}` })
          .first()
          .click({ timeout: 2000 });
        await this.#quickInput.waitFor({ state: "hidden", timeout: 2000 });
        return;
      } catch (error) {
        if (attempt === 5) throw error;
        await this.page.keyboard.press("Escape");
      }
    }
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
