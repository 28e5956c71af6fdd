/** `igla falsify-suite`: every gate on planted violations and on clean inputs. Exit 1 when one is missed or one alarms. */
import { allGates } from "../../evidence/gates/all.ts";
import { runSuite, type SuiteReport, type SuiteRow } from "../../evidence/suite/suite.ts";
import { suiteCases } from "../../falsify/cases.ts";
import type { SuiteDocument } from "../../protocol/gates.ts";
import type { CliContext } from "../context.ts";
import { ExitCode } from "../exit-codes.ts";
import { type Column, renderTable } from "../render/table.ts";
import { type Line, styled } from "../render/text.ts";
import { withBackend } from "../with-backend.ts";

export interface FalsifySuiteOptions {
  readonly backend?: string;
  readonly json?: boolean;
}

export async function falsifySuite(context: CliContext, options: FalsifySuiteOptions): Promise<ExitCode> {
  const report = await withBackend(options.backend ?? "cpu", (backend) => {
    const cases = suiteCases(backend);
    let done = 0;
    return runSuite(allGates, cases, ({ gate, title }) => {
      done += 1;
      context.progress.draw([[styled("dim", `${done}/${cases.length} ${gate}: ${title}`)]]);
    });
  });
  context.progress.close(false);
  if (options.json) {
    const titles = new Map(allGates.map(({ id, title }) => [id, title]));
    const rows = report.rows.map((row) => ({ ...row, gateTitle: titles.get(row.gate) ?? "" }));
    context.out.json({ ...report, gates: allGates.length, rows } satisfies SuiteDocument);
  } else context.out.lines(...reportLines(report, context.out.width));
  return report.ok ? ExitCode.ok : ExitCode.failed;
}

const words = { plant: ["caught", "MISSED"], clean: ["quiet", "ALARM"] } as const;

const columns: readonly Column<SuiteRow>[] = [
  { title: "gate", align: "left", cell: ({ gate }) => gate },
  {
    title: "caught",
    align: "left",
    cell: ({ kind, ok }) => styled(ok ? "green" : "red", words[kind][ok ? 0 : 1]),
  },
  { title: "input", align: "left", cell: ({ kind, title }) => `${kind}: ${title}` },
];

function reportLines(report: SuiteReport, width: number): Line[] {
  const { plants, missed, clean, falseAlarms, gaps } = report;
  const counts = `${plants - missed} of ${plants} planted violations caught, ${falseAlarms} false alarms on ${clean} clean inputs, ${allGates.length} gates: `;
  const verdict = report.ok ? styled("green", "the gates hold") : styled("red", "the suite fails");
  const [header = [], ...lines] = renderTable(columns, report.rows, width);
  return [
    header,
    // A reason is longer than a column can be.
    ...report.rows.flatMap(({ reason }, i): Line[] => [lines[i] ?? [], [styled("dim", `  ${reason}`)]]),
    ...gaps.map((gap): Line => [styled("red", "error"), ` ${gap}`]),
    [counts, verdict],
  ];
}
