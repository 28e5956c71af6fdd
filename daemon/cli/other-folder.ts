/** Assertion files whose paths do not fit the checked folder, and the folder that they fit. */
import { existsSync } from "node:fs";
import { dirname, relative, resolve } from "node:path";
import { normalise } from "../invariants/paths.ts";
import type { AssertionFileReport, FolderReport } from "../protocol/invariant-report.ts";
import { shellWord } from "./command-text.ts";
import { type Line, styled } from "./render/text.ts";

/** One line for each such file; empty when all fit, or nothing fits better. */
export function otherFolderLines(report: FolderReport, cwd: string): Line[] {
  return report.assertionFiles.flatMap((file) => {
    const folder = fittingFolder(report.folder, file);
    if (folder === null) return [];
    const inside = relative(cwd, folder) || ".";
    const name = shellWord(inside.startsWith("..") ? folder : inside);
    return [
      [
        styled("yellow", "note "),
        `${file.path}: paths of proofs are relative to the folder that is checked, and these fit another one: `,
        `\`igla invariants check ${name}\``,
      ],
    ];
  });
}

/** The nearest folder above the file that has each proof that is missing; null: there is none, or none is missing. */
function fittingFolder(root: string, { path, invariants }: AssertionFileReport): string | null {
  const missing = invariants
    .filter(({ reasons }) => reasons.some(({ code }) => code === "cites-missing-file"))
    .flatMap(({ coqFile }) => normalise(coqFile ?? "") ?? []);
  if (missing.length === 0) return null;
  for (let folder = dirname(resolve(root, path)); ; folder = dirname(folder)) {
    if (folder !== root && missing.every((file) => existsSync(resolve(folder, file)))) return folder;
    if (folder === dirname(folder)) return null;
  }
}
