/** What agents in the editor may do: look, check a race file, and, after the user's consent, start a race. */
import { resolve } from "node:path";
import * as vscode from "vscode";
import { raceFacts } from "../../daemon/protocol/race-facts.ts";
import type { Connection } from "../connection/connection.ts";
import type { LanguageServer } from "./language-client.ts";

export function registerLmTools(connection: Connection, language: Pick<LanguageServer, "check">): vscode.Disposable {
  // Editors built on an older VS Code have no tools for agents.
  if (typeof vscode.lm?.registerTool !== "function") return new vscode.Disposable(() => undefined);
  return vscode.Disposable.from(
    vscode.lm.registerTool("igla_status", statusTool(connection)),
    vscode.lm.registerTool("igla_leaderboard", leaderboardTool(connection)),
    vscode.lm.registerTool("igla_propose_config", proposeTool(language)),
    vscode.lm.registerTool("igla_start_race", startTool(connection, language)),
  );
}

function answer(value: unknown): vscode.LanguageModelToolResult {
  return new vscode.LanguageModelToolResult([new vscode.LanguageModelTextPart(JSON.stringify(value, null, 2))]);
}

function statusTool(connection: Connection): vscode.LanguageModelTool<Record<string, never>> {
  return {
    invoke: () => answer({ daemon: connection.status, races: [...connection.races.values()].map(raceFacts) }),
    prepareInvocation: () => ({ invocationMessage: vscode.l10n.t("Reading the state of the races") }),
  };
}

interface LeaderboardInput {
  readonly raceId?: string;
  readonly limit?: number;
}

function leaderboardTool(connection: Connection): vscode.LanguageModelTool<LeaderboardInput> {
  return {
    async invoke({ input: { raceId, limit = 20 } }) {
      const { leaderboard } = await import("../../daemon/protocol/requests.ts");
      const { rows } = await connection.request(leaderboard, raceId === undefined ? { limit } : { raceId, limit });
      return answer({ rows });
    },
    prepareInvocation: () => ({ invocationMessage: vscode.l10n.t("Reading the leaderboard") }),
  };
}

function proposeTool(language: Pick<LanguageServer, "check">): vscode.LanguageModelTool<{ readonly text: string }> {
  return {
    invoke: async ({ input }) => answer(await language.check({ text: input.text, file: "proposed.igla.toml" })),
    prepareInvocation: () => ({ invocationMessage: vscode.l10n.t("Checking a race file") }),
  };
}

interface StartInput {
  /** Of a race file in the workspace; absolute, or relative to its first folder. */
  readonly path: string;
}

function startTool(
  connection: Connection,
  language: Pick<LanguageServer, "check">,
): vscode.LanguageModelTool<StartInput> {
  return {
    async invoke({ input }) {
      const uri = raceFileUri(input.path);
      const document = await vscode.workspace.openTextDocument(uri);
      const configText = document.getText();
      const checked = await language.check({ text: configText, file: uri.path.slice(uri.path.lastIndexOf("/") + 1) });
      if (!checked.valid) return answer({ started: false, ...checked });
      const { startRace } = await import("../../daemon/protocol/requests.ts");
      const params = { configText, path: uri.fsPath, takeUp: true };
      const { raceId, isNew } = await connection.request(startRace, params, { start: true });
      return answer({ started: true, raceId, isNew, race: checked.race });
    },
    prepareInvocation({ input }) {
      const shown = vscode.workspace.asRelativePath(raceFileUri(input.path));
      return {
        invocationMessage: vscode.l10n.t("Starting the race of {0}", shown),
        confirmationMessages: {
          title: vscode.l10n.t("Start a race?"),
          message: vscode.l10n.t("Igla will train the models of {0} on this machine, in the background.", shown),
        },
      };
    },
  };
}

/** @throws when the folder is not trusted, or the file is no race file of the workspace */
function raceFileUri(path: string): vscode.Uri {
  if (!vscode.workspace.isTrusted) throw new Error(vscode.l10n.t("This folder is not trusted: no race is started."));
  // Resolved here: the editor takes `folder/../elsewhere` for a path inside the folder.
  const uri = vscode.Uri.file(resolve(vscode.workspace.workspaceFolders?.[0]?.uri.fsPath ?? "", path));
  if (uri.path.endsWith(".igla.toml") && vscode.workspace.getWorkspaceFolder(uri) !== undefined) return uri;
  throw new Error(vscode.l10n.t("{0} is not a race file of this workspace.", path));
}
