/** Claims and facts to one report. Pure: the same texts and facts give the same report. */
import type { FolderReport } from "../protocol/invariant-report.ts";
import { Folder, type JudgeInput } from "./folder.ts";
import type { CoqScan, ScannedDeclaration } from "./model.ts";
import { judgeAssertions } from "./rules/file-rules.ts";
import { judgeProofFile, sameNames } from "./rules/proof-rules.ts";

export type { JudgeInput } from "./folder.ts";

export function judgeFolder(input: JudgeInput): FolderReport {
  const folder = new Folder(input);
  const scans = input.scans.filter((scan): scan is CoqScan => scan.kind === "coq");
  const users = new Map<ScannedDeclaration, string[]>();
  for (const source of input.assertions) {
    for (const entry of source.entries) {
      const { declaration } = folder.cited(entry, source.path);
      if (declaration === null) continue;
      const ids = users.get(declaration) ?? [];
      if (!ids.includes(entry.id.value)) ids.push(entry.id.value);
      users.set(declaration, ids);
    }
  }
  const same = sameNames(scans, input.sources);
  return {
    folder: input.folder,
    prover: input.prover,
    checking: input.checking,
    assertionFiles: input.assertions.map((source) => judgeAssertions(source, folder)),
    proofFiles: scans.map((scan) => {
      const report = judgeProofFile(scan, folder, (declaration) => users.get(declaration) ?? []);
      const twin = same.get(scan.path);
      return twin === undefined ? report : { ...report, reasons: [...report.reasons, twin] };
    }),
  };
}
