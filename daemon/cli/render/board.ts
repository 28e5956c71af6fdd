/** What a person sees of `igla ledger board`. */
import type { Board, BoardRow } from "../../evidence/ledger/board.ts";
import type { LedgerFinding } from "../../evidence/ledger/read.ts";
import { type Column, renderTable } from "./table.ts";
import { type Line, styled } from "./text.ts";

/** @param file as the user wrote it @param warmup steps @param width columns of the terminal */
export function boardLines(
  file: string,
  { rows, beforeWarmup }: Board,
  warmup: number,
  findings: readonly LedgerFinding[],
  width: number,
): Line[] {
  const marks = rows.flatMap(({ line, marks }) =>
    marks.map((mark): Line => [styled("yellow", "mark"), ` ${file}:${line} `, mark]),
  );
  const shown = new Set(rows.map(({ line }) => line));
  const broken = findings
    .filter(({ line }) => !shown.has(line))
    .map(
      ({ code, line, message }): Line => [
        styled("red", "error"),
        ` ${file}:${line} `,
        styled("dim", `[${code}] `),
        message,
      ],
    );
  const left = beforeWarmup > 0 ? `, ${beforeWarmup} before step ${warmup} left out` : "";
  return [
    ...(rows.length > 0 ? renderTable(columns, rows, width) : []),
    ...marks,
    ...broken,
    [`${rows.length} ${rows.length === 1 ? "row" : "rows"} from step ${warmup} on${left}`],
  ];
}

const columns: readonly Column<BoardRow>[] = [
  { title: "bpb", align: "right", cell: ({ bpb }) => bpb.toFixed(4) },
  { title: "seed", align: "right", cell: ({ seed }) => String(seed ?? "-") },
  { title: "step", align: "right", cell: ({ step }) => String(step ?? "-") },
  { title: "line", align: "right", cell: ({ line }) => String(line) },
  { title: "", align: "left", cell: ({ marks, repeats }) => noteOf(marks.length, repeats) },
  { title: "corpus", align: "left", cell: ({ corpus }) => corpus?.slice(0, 12) ?? "-" },
  { title: "protocol", align: "left", cell: ({ protocol }) => protocol ?? "-" },
  { title: "sha", align: "left", cell: ({ sha }) => sha?.slice(0, 12) ?? "-" },
  { title: "agent", align: "left", cell: ({ agent }) => agent ?? "-" },
];

function noteOf(marks: number, repeats: number | null) {
  if (marks > 0) return styled("yellow", "marked");
  return repeats === null ? "" : `repeats ${repeats}`;
}
