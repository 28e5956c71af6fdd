/** `igla ledger board`: the rows of a ledger, best first, with what a gate would hold against them. */
import { resolve } from "node:path";
import { boardOf } from "../../evidence/ledger/board.ts";
import { defaultRegistration } from "../../evidence/ledger-gate.ts";
import type { CliContext } from "../context.ts";
import { ExitCode } from "../exit-codes.ts";
import { boardLines } from "../render/board.ts";
import { embargoOf } from "./gate.ts";
import { readLedgerFile } from "./ledger.ts";

export interface BoardOptions {
  /** Steps. */
  readonly warmup?: number;
  readonly json?: boolean;
}

/** Exit 1 when the ledger is not sound: a row may be missing from the board. */
export async function showBoard(context: CliContext, file: string, options: BoardOptions): Promise<ExitCode> {
  const path = resolve(context.cwd, file);
  const warmup = options.warmup ?? defaultRegistration("final").warmupSteps;
  const ledger = await readLedgerFile(path);
  const board = boardOf(ledger, warmup, await embargoOf(context, path, {}));
  const findings = ledger.findings.filter(({ harmless }) => !harmless);
  if (options.json) context.out.json({ file: path, warmup, ...board, findings });
  else context.out.lines(...boardLines(file, board, warmup, findings, context.out.width));
  return findings.length === 0 ? ExitCode.ok : ExitCode.failed;
}
