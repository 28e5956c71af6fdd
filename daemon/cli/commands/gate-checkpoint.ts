/** `igla gate checkpoint`: how much a model file says about itself, and how to supply the rest. */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { basename, resolve } from "node:path";
import { assertNamedHash } from "../../checkpoint/checkpoint.ts";
import { CheckpointError } from "../../checkpoint/error.ts";
import { decodeSafetensors } from "../../checkpoint/safetensors.ts";
import { readHeader, readMetadata } from "../../checkpoint/safetensors-header.ts";
import { type CheckpointFacts, type ScorePart, scoreCheckpoint } from "../../evidence/provenance/checkpoint-score.ts";
import { CliError } from "../cli-error.ts";
import { shellWord } from "../command-text.ts";
import type { CliContext } from "../context.ts";
import { ExitCode } from "../exit-codes.ts";
import { scoreLines } from "../render/checkpoint-score.ts";

export async function checkCheckpoint(
  context: CliContext,
  file: string,
  { json }: { readonly json?: boolean },
): Promise<ExitCode> {
  const path = resolve(context.cwd, file);
  const bytes = await readFile(path).catch(unreadable("The file", path));
  const facts: CheckpointFacts = {
    publishedSha256: await publishedSha256(path),
    foundSha256: createHash("sha256").update(bytes).digest("hex"),
    metadata: readMetadata(bytes, path),
    ...structureOf(bytes, path),
  };
  const { score, isShipReady, parts } = scoreCheckpoint(facts);
  const advised = parts.map((part) => ({
    ...part,
    supply: part.missing.length === 0 ? null : supplies(file)[part.part],
  }));
  if (json) context.out.json({ file: path, sha256: facts.foundSha256, score, shipReady: isShipReady, parts: advised });
  else context.out.lines(...scoreLines(file, facts.foundSha256, score, isShipReady, advised));
  return isShipReady ? ExitCode.ok : ExitCode.failed;
}

/** What `sha256sum FILE > FILE.sha256` has written; of several lines the one that names the file. */
async function publishedSha256(path: string): Promise<string | null> {
  const beside = `${path}.sha256`;
  const text = await readFile(beside, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return null;
    return unreadable("The checksum", beside)(error);
  });
  if (text === null) return null;
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== "");
  const line = lines.find((one) => one.endsWith(basename(path))) ?? lines[0] ?? "";
  return line.trim().split(/\s+/)[0] ?? "";
}

function structureOf(bytes: Uint8Array, path: string): Pick<CheckpointFacts, "structureFaults" | "tensorCount"> {
  const structureFaults: string[] = [];
  let tensorCount = 0;
  const steps = [
    () => assertNamedHash(path, createHash("sha256").update(bytes).digest("hex"), bytes.length),
    () => {
      tensorCount = readHeader(bytes, path).tensors.length;
      structureFaults.push(...notFinite(bytes, path));
    },
  ];
  for (const step of steps) {
    try {
      step();
    } catch (error) {
      if (!(error instanceof CheckpointError)) throw error;
      // Sound, of a kind that Igla does not read: its values are not looked at.
      if (error.code !== "checkpoint.unsupported-dtype") structureFaults.push(error.message);
    }
  }
  return { structureFaults, tensorCount };
}

function notFinite(bytes: Uint8Array, path: string): string[] {
  const faults: string[] = [];
  for (const [name, { data }] of decodeSafetensors(bytes, path).tensors) {
    if (data.some((value: number) => !Number.isFinite(value)))
      faults.push(`Tensor "${name}" holds values that are not finite.`);
  }
  return faults;
}

function supplies(file: string): Readonly<Record<ScorePart, string>> {
  const name = shellWord(file);
  const elsewhere = "other tools: strings under __metadata__ in the header";
  return {
    checksum: `sha256sum ${name} > ${shellWord(`${file}.sha256`)}, or \`igla export TRIAL --checksum\``,
    structure: "take another copy of the file, or write it again",
    provenance: `\`igla export TRIAL --licence X --data-source Y --data-licence Z\`; ${elsewhere}`,
    identity: `\`igla export\` writes them; a release number, as Igla's own, does not count as a code version; ${elsewhere}`,
    tokenizer: `\`igla export\` writes "bytes"; ${elsewhere}, tokenizer_sha256 for all but bytes`,
  };
}

function unreadable(what: string, path: string): (error: Error) => never {
  return (error) => {
    throw new CliError("gate.unreadable", {
      message: `${what} cannot be read: ${error.message}`,
      place: path,
      wayOut: "Correct the path or the file's permissions.",
    });
  };
}
