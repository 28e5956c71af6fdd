/** `igla export TRIAL --out F`: the parameters of a model as a safetensors file for other tools. */
import { resolve } from "node:path";
import { exportModel } from "../../checkpoint/export.ts";
import type { CliContext } from "../context.ts";
import { workspaceFolder } from "../daemon-link.ts";
import { ExitCode } from "../exit-codes.ts";
import { findModel } from "../model-source.ts";
import { formatBytes } from "../render/format.ts";

export interface ExportOptions {
  readonly workspace?: string;
  readonly out?: string;
  readonly json?: boolean;
}

export async function exportCommand(context: CliContext, target: string, options: ExportOptions): Promise<ExitCode> {
  const workspace = await workspaceFolder(options, context.cwd);
  const { trialId, ref, checkpoint, corpus } = await findModel(target, workspace, context.cwd);
  const path = resolve(context.cwd, options.out ?? `${trialId}.safetensors`);
  const { bytes, tensors } = await exportModel(path, checkpoint);
  if (options.json)
    context.out.json({ trialId, step: ref.step, corpus, path, bytes, tensors, metadata: checkpoint.metadata });
  else
    context.out.lines([
      `${trialId} after ${ref.step} steps on ${corpus}: ${tensors} tensors, ${formatBytes(bytes)}, in ${path}`,
    ]);
  return ExitCode.ok;
}
