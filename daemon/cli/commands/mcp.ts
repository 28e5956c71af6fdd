/** `igla mcp`: an MCP server on stdin and stdout, through which agents look at races, check race files and start them. */
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { StdioServerTransport } from "@modelcontextprotocol/sdk/server/stdio.js";
import { codeVersion } from "../../version.ts";
import type { CliContext } from "../context.ts";
import { workspaceFolder } from "../daemon-link.ts";
import { ExitCode } from "../exit-codes.ts";
import { addTools } from "../mcp-tools.ts";

export interface McpOptions {
  readonly workspace?: string;
}

const instructions = `Igla trains many small byte-level language models on this machine and races their configurations.
Quality is validation bits per byte (BPB), lower is better; numbers are comparable only on the same corpus, split and
evaluation protocol. Race files (*.igla.toml) describe a race: write one, check it with igla_propose_config until it is
valid, save it in the workspace, and start it with igla_start_race only when the user has asked for that.`;

/** Runs until the other side closes stdin. stdout belongs to the protocol; nothing else may write to it. */
export async function mcp(context: CliContext, options: McpOptions): Promise<ExitCode> {
  const workspace = await workspaceFolder(options, context.cwd);
  const server = new McpServer({ name: "igla", version: codeVersion }, { instructions });
  addTools(server, workspace);
  const ended = new Promise<void>((resolve) => {
    server.server.onclose = resolve;
    process.stdin.once("end", resolve);
    process.stdin.once("close", resolve);
  });
  await server.connect(new StdioServerTransport());
  await ended;
  await server.close();
  return ExitCode.ok;
}
