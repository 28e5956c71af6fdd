/** `igla ledger verify|append|recover`: results that nobody can change afterwards without being noticed. */
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import type { Ledger } from "../../evidence/ledger/read.ts";
import { type NewRow, newRowSchema } from "../../evidence/ledger/row.ts";
import { appendRow, loadLedger, recoverLedger } from "../../evidence/ledger/write.ts";
import { takeLock } from "../../store/lock.ts";
import { CliError } from "../cli-error.ts";
import type { CliContext } from "../context.ts";
import { ExitCode } from "../exit-codes.ts";
import { type Line, styled } from "../render/text.ts";

export interface LedgerOptions {
  readonly json?: boolean;
}

/** Exit 1 when something was changed, removed or torn. */
export async function verifyLedger(context: CliContext, file: string, options: LedgerOptions): Promise<ExitCode> {
  const path = resolve(context.cwd, file);
  const ledger = await readLedgerFile(path);
  const grave = ledger.findings.filter(({ harmless }) => !harmless).length;
  if (options.json) {
    const { rows, verdicts, chained, findings } = ledger;
    context.out.json({
      file: path,
      rows: rows.length,
      verdicts: verdicts.length,
      chained,
      sound: grave === 0,
      findings,
    });
  } else context.out.lines(...ledgerLines(file, ledger, grave));
  return grave === 0 ? ExitCode.ok : ExitCode.failed;
}

function ledgerLines(file: string, { rows, verdicts, chained, findings }: Ledger, grave: number): Line[] {
  const list = findings.map(
    ({ code, line, message, harmless }): Line => [
      styled(harmless ? "dim" : "red", harmless ? "note" : "error"),
      ` ${file}:${line} `,
      styled("dim", `[${code}] `),
      message,
    ],
  );
  const old = rows.length + verdicts.length - chained;
  const judged = verdicts.length === 0 ? [] : [`${verdicts.length} verdicts on levers`];
  const parts = [
    `${rows.length} rows`,
    ...judged,
    `${chained} chained`,
    ...(old > 0 ? [`${old} from before the chain`] : []),
  ];
  const verdict = grave === 0 ? styled("green", "sound") : styled("red", `not sound: ${grave} findings`);
  return [...list, [`${parts.join(", ")}: `, verdict]];
}

/** @param from path of a file with one JSON object; `-`: stdin */
export async function appendToLedger(
  context: CliContext,
  file: string,
  from: string,
  options: LedgerOptions,
): Promise<ExitCode> {
  const path = resolve(context.cwd, file);
  const row = parseRow(await readRow(context, from), from);
  const result = await appendRow(path, row, takeLock);
  if (!result.ok) {
    throw new CliError(`ledger.${result.code}`, {
      message: result.message,
      place: path,
      wayOut: waysOut[result.code],
      ...(result.code === "bad-row" ? { exitCode: ExitCode.usage } : {}),
    });
  }
  if (options.json) context.out.json({ file: path, hash: result.hash, chained: result.line });
  else context.out.lines([`Appended as chained row ${result.line}, hash ${result.hash.slice(0, 12)}.`]);
  return ExitCode.ok;
}

const waysOut = {
  busy: "Wait for the other writer, then try again.",
  "bad-row": "Write ts, agent, seed, bpb, step, sha, corpus, protocol, gate_status and prereg; other fields are kept.",
  "not-sound": "Run `igla ledger verify` on it; a torn last line is moved aside by `igla ledger recover`.",
} as const;

async function readRow({ cwd }: CliContext, from: string): Promise<string> {
  if (from !== "-") {
    return readFile(resolve(cwd, from), "utf8").catch((error: Error) => {
      throw new CliError("ledger.no-row", {
        message: `The row cannot be read: ${error.message}`,
        place: from,
        wayOut: "Name a file that holds one JSON object, or - for stdin.",
        exitCode: ExitCode.usage,
      });
    });
  }
  let text = "";
  for await (const chunk of process.stdin) text += String(chunk);
  return text;
}

function parseRow(text: string, from: string): NewRow {
  const bad = (message: string): never => {
    throw new CliError("ledger.bad-row", {
      message,
      place: from === "-" ? "stdin" : from,
      wayOut: waysOut["bad-row"],
      exitCode: ExitCode.usage,
    });
  };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return bad(`The row is no JSON: ${(error as Error).message}`);
  }
  const parsed = newRowSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  return bad(`The row's ${issue?.path.join(".") || "shape"} is wrong: ${issue?.message}`);
}

export async function recoverTornLedger(context: CliContext, file: string, options: LedgerOptions): Promise<ExitCode> {
  const path = resolve(context.cwd, file);
  await readLedgerFile(path);
  const torn = await recoverLedger(path, takeLock);
  if (torn === "busy") {
    const message = `Another process writes to ${path}.`;
    throw new CliError("ledger.busy", { message, place: path, wayOut: waysOut.busy });
  }
  if (options.json) context.out.json({ file: path, torn });
  else
    context.out.lines([
      torn === null ? "The last line is whole; nothing was moved." : `Moved the torn line to ${torn}.`,
    ]);
  return ExitCode.ok;
}

export async function readLedgerFile(path: string): Promise<Ledger> {
  try {
    // A ledger that is not there is an error here; an empty one is not.
    await readFile(path);
    return await loadLedger(path);
  } catch (error) {
    throw new CliError("ledger.unreadable", {
      message: `The ledger cannot be read: ${(error as Error).message}`,
      place: path,
      wayOut: "Name the ledger's file, one JSON object a line.",
      exitCode: ExitCode.usage,
    });
  }
}
