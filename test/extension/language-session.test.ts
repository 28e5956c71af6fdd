/** What the language server is told when it starts, and when it starts again after it went down. */
import { createRequire } from "node:module";
import { beforeEach, expect, test, vi } from "vitest";
import type { ProverSettings } from "../../daemon/protocol/invariant-requests.ts";
import { startLanguageClient } from "../../extension/features/language-session.ts";

interface Options {
  readonly initializationOptions: () => { readonly proofs: ProverSettings };
  readonly documentSelector: readonly object[];
  readonly markdown: {
    readonly isTrusted: { readonly enabledCommands: readonly string[] };
    readonly supportHtml?: boolean;
  };
}

const seen = vi.hoisted((): { options: unknown[] } => ({ options: [] }));
vi.mock("vscode", () => createRequire(import.meta.url)("../fixtures/vscode.cjs").createVscode({ folder: "/w" }).vscode);
vi.mock("vscode-languageclient/node", () => ({
  CloseAction: {},
  ErrorAction: {},
  RevealOutputChannelOn: {},
  TransportKind: {},
  LanguageClient: class {
    constructor(_id: string, _name: string, _server: unknown, options: unknown) {
      seen.options.push(options);
    }
    async start() {}
  },
}));

beforeEach(() => {
  seen.options = [];
});

async function started(settings: () => ProverSettings): Promise<Options> {
  await startLanguageClient("/dist/lsp.js", settings);
  return seen.options[0] as Options;
}

test("a server that starts again runs what is allowed by then, not what was allowed first", async () => {
  let settings: ProverSettings = { trusted: false, proverPath: "", enabled: true };
  const { initializationOptions } = await started(() => settings);
  expect(initializationOptions().proofs).toEqual({ trusted: false, proverPath: "", enabled: true });
  settings = { trusted: true, proverPath: "/opt/coqc", enabled: false };
  expect(initializationOptions().proofs).toEqual(settings);
});

test("hovers may call these commands, which the manifest has, and no other", async () => {
  const { markdown, documentSelector } = await started(() => ({ trusted: true, proverPath: "", enabled: true }));
  const { contributes } = createRequire(import.meta.url)("../../package.json");
  const { enabledCommands } = markdown.isTrusted;
  expect(enabledCommands).toEqual(["igla.checkProofs", "igla.deepCheckProofs", "igla.showAssumptions"]);
  const ids = contributes.commands.map(({ command }: { command: string }) => command);
  for (const command of enabledCommands) expect(ids).toContain(command);
  expect(markdown.supportHtml).not.toBe(true);
  expect(documentSelector).toContainEqual({ scheme: "file", pattern: "**/*.v" });
});
