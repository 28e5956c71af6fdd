/** Offers `igla mcp` to agents of the editor, one server per folder. Not in folders that are not trusted. */
import * as vscode from "vscode";

export function registerMcp(context: vscode.ExtensionContext): vscode.Disposable {
  // Editors built on an older VS Code cannot be offered servers.
  if (typeof vscode.lm?.registerMcpServerDefinitionProvider !== "function") {
    return new vscode.Disposable(() => undefined);
  }
  const changes = new vscode.EventEmitter<void>();
  const { version } = context.extension.packageJSON as { version: string };
  const script = context.asAbsolutePath("dist/igla.js");
  const definitionOf = ({ name, uri }: vscode.WorkspaceFolder, isOnly: boolean): vscode.McpStdioServerDefinition => {
    const label = isOnly ? "Igla" : `Igla: ${name}`;
    const args = [script, "mcp", "--workspace", uri.fsPath];
    const server = new vscode.McpStdioServerDefinition(
      label,
      process.execPath,
      args,
      { ELECTRON_RUN_AS_NODE: "1" },
      version,
    );
    server.cwd = uri;
    return server;
  };
  return vscode.Disposable.from(
    changes,
    vscode.workspace.onDidGrantWorkspaceTrust(() => changes.fire()),
    vscode.workspace.onDidChangeWorkspaceFolders(() => changes.fire()),
    vscode.lm.registerMcpServerDefinitionProvider("igla.mcp", {
      onDidChangeMcpServerDefinitions: changes.event,
      provideMcpServerDefinitions: () => {
        if (!vscode.workspace.isTrusted) return [];
        const folders = (vscode.workspace.workspaceFolders ?? []).filter(({ uri }) => uri.scheme === "file");
        return folders.map((folder) => definitionOf(folder, folders.length === 1));
      },
    }),
  );
}
