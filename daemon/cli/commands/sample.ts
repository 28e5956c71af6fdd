/** `igla sample TRIAL`: text from a model. */
import { sampleBytes } from "../../train/sample.ts";
import { loadSnapshot } from "../../train/snapshot-file.ts";
import type { CliContext } from "../context.ts";
import { workspaceFolder } from "../daemon-link.ts";
import { ExitCode } from "../exit-codes.ts";
import { findModel } from "../model-source.ts";
import { printableText } from "../render/format.ts";
import { styled } from "../render/text.ts";
import { withBackend } from "../with-backend.ts";

export interface SampleOptions {
  readonly workspace?: string;
  readonly backend?: string;
  readonly bytes: number;
  readonly temperature: number;
  readonly seed: number;
  readonly prompt: string;
  readonly json?: boolean;
}

export async function sample(context: CliContext, target: string, options: SampleOptions): Promise<ExitCode> {
  const workspace = await workspaceFolder(options, context.cwd);
  const { trialId, step, corpus, text } = await sampleModel(context, target, workspace, options, (piece) => {
    if (!options.json) context.out.text(piece);
  });
  const { prompt, seed, temperature } = options;
  if (options.json) context.out.json({ trialId, step, corpus, seed, temperature, prompt, text });
  else context.out.text("\n");
  return ExitCode.ok;
}

/** Generates `options.bytes` bytes; whole characters go to `onText` as they come. */
export async function sampleModel(
  context: CliContext,
  target: string,
  workspace: string,
  options: Omit<SampleOptions, "workspace" | "json">,
  onText: (piece: string) => void,
): Promise<{ trialId: string; step: number; corpus: string; text: string }> {
  const { trialId, spec, folder, ref, checkpoint, corpus } = await findModel(target, workspace, context.cwd);
  const { configHash, corpusSha256, codeVersion } = checkpoint.metadata;
  const snapshot = await loadSnapshot({ folder, trialId, spec, configHash, corpusSha256, codeVersion }, ref);
  context.progress.print([styled("dim", `${trialId} after ${ref.step} steps on ${corpus}`)]);
  const decoder = new TextDecoder();
  let text = "";
  const add = (decoded: string): void => {
    const piece = printableText(decoded);
    text += piece;
    onText(piece);
  };
  await withBackend(options.backend, async (backend) => {
    const { bytes, temperature, seed } = options;
    const prompt = new TextEncoder().encode(options.prompt);
    for await (const byte of sampleBytes({ backend, spec, snapshot, prompt, bytes, temperature, seed })) {
      add(decoder.decode(Uint8Array.of(byte), { stream: true }));
    }
  });
  add(decoder.decode());
  return { trialId, step: ref.step, corpus, text };
}
