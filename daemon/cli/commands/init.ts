/** `igla init`: a folder with a race file, claims about Igla's own rules, and their proofs. */
import { join, relative } from "node:path";
import { DEFAULT_CORPUS } from "../../data/catalogue.ts";
import { type Written, writeStarter } from "../../starter/write-starter.ts";
import { CliError } from "../cli-error.ts";
import { shellWord } from "../command-text.ts";
import type { CliContext } from "../context.ts";
import { ExitCode } from "../exit-codes.ts";
import { makeFolder, namedFolder, notWritable } from "../make-folder.ts";

/** @param target null: the present folder */
export async function init(
  context: CliContext,
  target: string | null,
  options: { readonly json?: boolean },
): Promise<ExitCode> {
  const folder = namedFolder(target, context.cwd);
  await makeFolder(folder);
  const written: Written = await writeStarter(folder, "cpu", DEFAULT_CORPUS).catch((error: unknown) => {
    throw notWritable(folder, error);
  });
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
      [`Next: \`igla race ${shellWord(join(where, "race.igla.toml"))}\` trains the race that is guarded,`],
      [`and \`igla invariants check ${shellWord(where)}\` asks Coq about its claims.`],
    );
  }
  return ExitCode.ok;
}
