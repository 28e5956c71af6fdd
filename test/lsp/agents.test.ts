/** What agents in the editor may do. The editor is played by this file: only what the features call is there. */
import { join } from "node:path";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { checkRaceText } from "../../daemon/lsp/race-file/check.ts";
import { emptyRace } from "../../daemon/protocol/state.ts";
import type { Connection } from "../../extension/connection/connection.ts";
import { tinyRace } from "../cli/igla.ts";

interface Uri {
  readonly fsPath: string;
  readonly path: string;
  readonly scheme: string;
}

const editor = vi.hoisted(() => {
  const file = (path: string): Uri => ({ fsPath: path, path, scheme: "file" });
  const state = {
    isTrusted: true,
    files: new Map<string, string>(),
    // biome-ignore lint/suspicious/noExplicitAny: tools of different inputs.
    tools: new Map<string, any>(),
    // biome-ignore lint/suspicious/noExplicitAny: what the provider answers is looked at below.
    provider: undefined as any,
  };
  class Disposable {
    static from(...parts: { dispose(): void }[]): Disposable {
      return new Disposable(() => {
        for (const part of parts) part.dispose();
      });
    }
    readonly dispose: () => void;
    constructor(dispose: () => void) {
      this.dispose = dispose;
    }
  }
  const nothing = () => new Disposable(() => undefined);
  const module = {
    Disposable,
    EventEmitter: class {
      readonly event = nothing;
      fire() {}
      dispose() {}
    },
    LanguageModelToolResult: class {
      readonly content: { value: string }[];
      constructor(content: { value: string }[]) {
        this.content = content;
      }
    },
    LanguageModelTextPart: class {
      readonly value: string;
      constructor(value: string) {
        this.value = value;
      }
    },
    McpStdioServerDefinition: class {
      readonly args: readonly unknown[];
      constructor(...args: readonly unknown[]) {
        this.args = args;
      }
    },
    Uri: { file },
    l10n: { t: (text: string, ...args: string[]) => text.replace(/\{(\d)\}/g, (_, i) => args[Number(i)] ?? "") },
    lm: {
      registerTool: (name: string, tool: unknown) => {
        state.tools.set(name, tool);
        return nothing();
      },
      registerMcpServerDefinitionProvider: (_id: string, provider: unknown) => {
        state.provider = provider;
        return nothing();
      },
    },
    workspace: {
      get isTrusted() {
        return state.isTrusted;
      },
      workspaceFolders: [{ name: "w", uri: file("/w") }],
      getWorkspaceFolder: ({ path }: Uri) => (path.startsWith("/w/") ? {} : undefined),
      asRelativePath: ({ path }: Uri) => path.replace("/w/", ""),
      openTextDocument: async ({ path }: Uri) => ({ getText: () => state.files.get(path) ?? "" }),
      onDidGrantWorkspaceTrust: nothing,
      onDidChangeWorkspaceFolders: nothing,
    },
  };
  return { state, module };
});
vi.mock("vscode", () => editor.module);

const { registerLmTools } = await import("../../extension/features/lm-tools.ts");
const { registerMcp } = await import("../../extension/features/mcp.ts");

const requests: { name: string; params: unknown; start: boolean }[] = [];
const race = { ...emptyRace("r1"), name: "tiny", status: "running" as const };
const connection = {
  status: { kind: "connected", pid: 1 },
  races: new Map([["r1", race]]),
  request: async (definition: { name: string }, params: unknown, options?: { start?: boolean }) => {
    requests.push({ name: definition.name, params, start: options?.start === true });
    return definition.name === "leaderboard" ? { rows: [{ rank: 1 }] } : { raceId: "r2", isNew: true };
  },
} as unknown as Connection;
const language = {
  check: async ({ text, file }: { text: string; file: string }) => checkRaceText(text, file),
  dispose() {},
};

async function invoke(name: string, input: object) {
  const { content } = await editor.state.tools.get(name).invoke({ input });
  return JSON.parse(content[0].value);
}

beforeEach(() => {
  requests.length = 0;
  editor.state.isTrusted = true;
  editor.state.files = new Map([["/w/a.igla.toml", tinyRace()]]);
  registerLmTools(connection, language);
});

describe("tools that look", () => {
  test("say how the races are, and start no daemon", async () => {
    expect(await invoke("igla_status", {})).toMatchObject({
      daemon: { kind: "connected" },
      races: [{ raceId: "r1", status: "running" }],
    });
    expect(await invoke("igla_leaderboard", { raceId: "r1" })).toEqual({ rows: [{ rank: 1 }] });
    expect(requests).toEqual([{ name: "leaderboard", params: { raceId: "r1", limit: 20 }, start: false }]);
  });
  test("check a race file", async () => {
    expect(await invoke("igla_propose_config", { text: "[model]\nlayer = 1\n" })).toMatchObject({
      valid: false,
      errors: [{ code: "config.unknown-key", line: 2, suggestion: "model.layers" }],
    });
    expect(await invoke("igla_propose_config", { text: tinyRace() })).toMatchObject({ valid: true });
    expect(requests).toEqual([]);
  });
  test("need no consent; starting does, and names the file", () => {
    for (const name of ["igla_status", "igla_leaderboard", "igla_propose_config"]) {
      expect(editor.state.tools.get(name).prepareInvocation({ input: {} }).confirmationMessages).toBeUndefined();
    }
    const { confirmationMessages } = editor.state.tools
      .get("igla_start_race")
      .prepareInvocation({ input: { path: "a.igla.toml" } });
    expect(confirmationMessages.message).toContain("a.igla.toml");
  });
});

describe("starting a race", () => {
  test("starts the daemon and takes up an unfinished race", async () => {
    expect(await invoke("igla_start_race", { path: "a.igla.toml" })).toMatchObject({ started: true, raceId: "r2" });
    const params = { configText: tinyRace(), path: "/w/a.igla.toml", takeUp: true };
    expect(requests).toEqual([{ name: "race/start", params, start: true }]);
  });
  test("is refused for a broken file, for files outside, and in folders that are not trusted", async () => {
    editor.state.files.set("/w/a.igla.toml", "[x]\n");
    expect(await invoke("igla_start_race", { path: "/w/a.igla.toml" })).toMatchObject({ started: false, valid: false });
    await expect(invoke("igla_start_race", { path: "/etc/a.igla.toml" })).rejects.toThrow("not a race file");
    await expect(invoke("igla_start_race", { path: "../a.igla.toml" })).rejects.toThrow("not a race file");
    await expect(invoke("igla_start_race", { path: "/w/../etc/a.igla.toml" })).rejects.toThrow("not a race file");
    await expect(invoke("igla_start_race", { path: "text.txt" })).rejects.toThrow("not a race file");
    editor.state.isTrusted = false;
    await expect(invoke("igla_start_race", { path: "a.igla.toml" })).rejects.toThrow("not trusted");
    const { prepareInvocation } = editor.state.tools.get("igla_start_race");
    expect(() => prepareInvocation({ input: { path: "a.igla.toml" } })).toThrow("not trusted");
    expect(requests).toEqual([]);
  });
});

test("igla mcp is offered with VS Code's own Node, and only in trusted folders", () => {
  const context = {
    extension: { packageJSON: { version: "1.2.3" } },
    asAbsolutePath: (path: string) => join("/x", path),
  };
  registerMcp(context as never);
  const [server] = editor.state.provider.provideMcpServerDefinitions();
  expect(server.args).toEqual([
    "Igla",
    process.execPath,
    ["/x/dist/igla.js", "mcp", "--workspace", "/w"],
    { ELECTRON_RUN_AS_NODE: "1" },
    "1.2.3",
  ]);
  editor.state.isTrusted = false;
  expect(editor.state.provider.provideMcpServerDefinitions()).toEqual([]);
});
