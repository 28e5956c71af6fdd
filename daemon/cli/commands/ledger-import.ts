/** `igla ledger import`: rows of an older file behind those of a chained ledger. Twice is the same as once. */
import { createHash } from "node:crypto";
import { readFile, realpath } from "node:fs/promises";
import { basename, resolve } from "node:path";
import { faultOfSource, type ImportPlan, planImport, type Source } from "../../evidence/ledger/import.ts";
import { readLedger } from "../../evidence/ledger/read.ts";
import { appendImported, loadLedger, unsound } from "../../evidence/ledger/write.ts";
import { takeLock } from "../../store/lock.ts";
import { CliError } from "../cli-error.ts";
import type { CliContext } from "../context.ts";
import { ExitCode } from "../exit-codes.ts";
import { type Line, styled } from "../render/text.ts";

export interface ImportOptions {
  readonly into?: string;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

export async function importLedger(context: CliContext, file: string, options: ImportOptions): Promise<ExitCode> {
  if (options.into === undefined) {
    throw new CliError("ledger.no-target", {
      message: "It is not said into which ledger the rows shall go.",
      wayOut: "Add --into LEDGER.",
      exitCode: ExitCode.usage,
    });
  }
  const path = resolve(context.cwd, options.into);
  const source = await readSource(resolve(context.cwd, file), path);
  const plan = options.dryRun === true ? await planFor(source, path) : await append(source, path);
  const { rows, present, skipped, missing } = plan;
  if (options.json) {
    const { sha256 } = source;
    const appended = options.dryRun === true ? 0 : rows.length;
    context.out.json({
      file,
      into: path,
      sha256,
      dryRun: options.dryRun === true,
      rows: rows.length,
      appended,
      present,
      skipped,
      missing,
    });
  } else context.out.lines(...importLines(file, plan, options.dryRun === true));
  return ExitCode.ok;
}

async function readSource(path: string, target: string): Promise<Source> {
  const bytes = await readFile(path).catch((error: Error) => {
    throw new CliError("ledger.unreadable", {
      message: `The older file cannot be read: ${error.message}`,
      place: path,
      wayOut: "Name a file of results, one JSON object a line.",
      exitCode: ExitCode.usage,
    });
  });
  const [from, into] = await Promise.all([path, target].map((one) => realpath(one).catch(() => one)));
  const source = {
    file: basename(path),
    sha256: createHash("sha256").update(bytes).digest("hex"),
    ledger: readLedger(bytes),
  };
  const fault =
    from === into
      ? { code: "same-file", message: `${source.file} cannot be imported into itself; it can be continued as it is.` }
      : faultOfSource(source);
  if (fault === null) return source;
  throw new CliError(`ledger.${fault.code}`, {
    message: `${fault.message} Nothing was imported.`,
    place: path,
    wayOut: "Name an older file whose lines can all be read; `igla ledger verify` lists what is wrong with it.",
  });
}

async function planFor(source: Source, path: string): Promise<ImportPlan> {
  const ledger = await loadLedger(path);
  const refused = unsound(path, ledger);
  if (refused !== null) throw refusedBy(refused, path);
  return planImport(source, ledger);
}

async function append(source: Source, path: string): Promise<ImportPlan> {
  let plan: ImportPlan | null = null;
  const result = await appendImported(
    path,
    (ledger) => {
      plan = planImport(source, ledger);
      return plan.rows;
    },
    takeLock,
  );
  if (!result.ok) throw refusedBy(result, path);
  return plan ?? planImport(source, await loadLedger(path));
}

function refusedBy({ code, message }: { readonly code: string; readonly message: string }, path: string): CliError {
  return new CliError(`ledger.${code}`, {
    message,
    place: path,
    wayOut: code === "busy" ? "Wait for the other writer, then try again." : "Run `igla ledger verify` on the ledger.",
  });
}

function importLines(file: string, { rows, present, skipped, missing }: ImportPlan, isDry: boolean): Line[] {
  const lacking = Object.entries(missing).map(
    ([name, count]): Line => [
      styled("dim", "note"),
      ` ${count} of ${rows.length} rows have no ${name}; nothing was put in its place.`,
    ],
  );
  const left = skipped.map(({ line, message }): Line => [styled("yellow", "left out"), ` ${file}:${line} ${message}`]);
  const verb = isDry ? "would be appended" : "appended";
  return [...left, ...lacking, [`${rows.length} rows ${verb}, ${present} were there already.`]];
}
