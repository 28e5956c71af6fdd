/** `igla export TRIAL --out F`: the parameters of a model as a safetensors file for other tools. */
import { resolve } from "node:path";
import { exportModel } from "../../checkpoint/export.ts";
import { resolveTrial } from "../../train/plan.ts";
import { snapshotOf } from "../../train/snapshot-file.ts";
import { evaluationWeights } from "../../train/weight-view.ts";
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
  const { trialId, spec, ref, checkpoint, corpus } = await findModel(target, workspace, context.cwd);
  const path = resolve(context.cwd, options.out ?? `${trialId}.safetensors`);
  const { metadata } = checkpoint;
  const view = evaluationWeights(resolveTrial(spec), snapshotOf(checkpoint));
  const weights = view.arena === "ema" ? "ema" : "trained";
  const parameters = new Map([...view.parameters].map(([name, { shape, values }]) => [name, { shape, data: values }]));
  const { bytes, tensors } = await exportModel(path, { metadata, parameters, weights });
  if (options.json) context.out.json({ trialId, step: ref.step, corpus, path, bytes, tensors, weights, metadata });
  else
    context.out.lines([
      `${trialId} after ${ref.step} steps on ${corpus}: ${tensors} tensors, ${formatBytes(bytes)}, in ${path}`,
    ]);
  return ExitCode.ok;
}
