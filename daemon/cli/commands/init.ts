/** `igla init`: a folder with a race file, claims about Igla's own rules, and their proofs. */
import { mkdir } from "node:fs/promises";
import { join, relative, resolve } from "node:path";
import { DEFAULT_CORPUS } from "../../data/catalogue.ts";
import { writeStarter } from "../../starter/write-starter.ts";
import { CliError } from "../cli-error.ts";
import type { CliContext } from "../context.ts";
import { ExitCode } from "../exit-codes.ts";

export async function init(
  context: CliContext,
  target: string,
  options: { readonly json?: boolean },
): Promise<ExitCode> {
  const folder = resolve(context.cwd, target === "" ? "." : target);
  const written = await make(folder);
  if (!written.ok) {
    throw new CliError("init.files-exist", {
      message: `Already there: ${written.inTheWay.join(", ")}. Nothing was written.`,
      place: folder,
      wayOut: "Name another folder, or move these files away.",
    });
  }
  const inside = relative(context.cwd, folder);
  const where = inside.startsWith("..") ? folder : inside || ".";
  if (options.json) context.out.json({ folder, files: written.files });
  else {
    context.out.lines(
      ...written.files.map((path) => [`  ${path}`]),
      [`Written to ${folder}.`],
      [`Next: igla race ${join(where, "race.igla.toml")}, and igla invariants check ${where}`],
    );
  }
  return ExitCode.ok;
}

async function make(folder: string) {
  try {
    await mkdir(folder, { recursive: true });
    return await writeStarter(folder, "cpu", DEFAULT_CORPUS);
  } catch (error) {
    throw new CliError("init.not-writable", {
      message: `The folder cannot be written to: ${(error as Error).message}.`,
      place: folder,
      wayOut: "Name a folder that you may write to.",
    });
  }
}
