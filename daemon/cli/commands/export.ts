/** `igla export TRIAL --out F`: the parameters of a model as a safetensors file for other tools. */
import { basename, resolve } from "node:path";
import { writeAtomically } from "../../checkpoint/atomic-write.ts";
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
  readonly licence?: string;
  readonly dataSource?: string;
  readonly dataLicence?: string;
  readonly checksum?: boolean;
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
  const statements = statementsOf(options);
  const { bytes, tensors, sha256 } = await exportModel(path, { metadata, parameters, weights, statements });
  // As `sha256sum` writes it, so that its `--check` reads it.
  if (options.checksum) await writeAtomically(`${path}.sha256`, Buffer.from(`${sha256}  ${basename(path)}\n`));
  const facts = { trialId, step: ref.step, corpus, path, bytes, tensors, weights, sha256 };
  if (options.json) context.out.json({ ...facts, metadata, statements });
  else
    context.out.lines([
      `${trialId} after ${ref.step} steps on ${corpus}: ${tensors} tensors, ${formatBytes(bytes)}, in ${path}`,
    ]);
  return ExitCode.ok;
}

/** Keys of the metadata that `igla gate checkpoint` looks for. */
function statementsOf({ licence, dataSource, dataLicence }: ExportOptions): Record<string, string> {
  const said = { licence, data_source: dataSource, data_licence: dataLicence };
  return Object.fromEntries(
    Object.entries(said).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])),
  );
}
