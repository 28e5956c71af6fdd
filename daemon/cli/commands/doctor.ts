/** `igla doctor`: whether this machine can run races, and with what. */
import type { CliContext } from "../context.ts";
import { canRace, examine, type Finding, type FindingStatus } from "../doctor-checks.ts";
import { ExitCode } from "../exit-codes.ts";
import { type Line, type Style, styled } from "../render/text.ts";

export async function doctor(context: CliContext, options: { readonly json?: boolean }): Promise<ExitCode> {
  const findings = await examine(context);
  const ready = canRace(findings);
  if (options.json) context.out.json({ ready, findings });
  else context.out.lines(...doctorLines(findings, ready));
  return ready ? ExitCode.ok : ExitCode.failed;
}

const marks: Record<FindingStatus, { readonly text: string; readonly style: Style }> = {
  ok: { text: "ok", style: "green" },
  missing: { text: "--", style: "yellow" },
  failed: { text: "no", style: "red" },
};

export function doctorLines(findings: readonly Finding[], ready: boolean): Line[] {
  const lines = findings.flatMap(({ id, status, summary, wayOut }): Line[] => {
    const { text, style } = marks[status];
    const first: Line = [styled(style, text), `  ${id.padEnd(9)}  ${summary}`];
    return wayOut === "" ? [first] : [first, [styled("dim", `${" ".repeat(15)}${wayOut}`)]];
  });
  const verdict = ready
    ? styled("green", "Races can run on this machine.")
    : styled("red", 'Races cannot run yet; mend what is marked "no".');
  return [...lines, [], [verdict]];
}
