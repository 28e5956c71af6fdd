/** What a command about proofs was called on: a row of the view, a link of a hover, a lens, or the active editor. */
import { join, normalize, relative, sep } from "node:path";
import type { FolderReport, TheoremReport } from "../../daemon/protocol/invariant-report.ts";
import type { InvariantRow } from "../views/invariants-model.ts";

export interface ProofLink {
  /** Absolute. */
  readonly path: string;
  /** Of a theorem. */
  readonly name?: string;
  /** From 0. */
  readonly line?: number;
}

/** As a button above the editor hands it over; its `path` is no path of the file system on Windows. */
interface FileUri {
  readonly fsPath: string;
}

export type ProofTarget = InvariantRow | ProofLink | FileUri | undefined;

/** Null: nothing in particular. */
export function linkOf(target: ProofTarget): ProofLink | null {
  if (target === undefined) return null;
  if ("fsPath" in target) return { path: target.fsPath };
  if (!("kind" in target)) {
    // The server's links have `/` where the system may have another separator.
    return typeof target.path === "string" ? { ...target, path: normalize(target.path) } : null;
  }
  if (target.kind === "group") return null;
  if (target.kind !== "claim") return { path: join(target.folder, target.file.path) };
  const { theoremPlace, proofPath, theorem } = target.invariant;
  if (theoremPlace === null) return proofPath === null ? null : { path: join(target.folder, proofPath) };
  const path = join(target.folder, theoremPlace.path);
  const { line } = theoremPlace.range.start;
  return { path, line, ...(theorem === null ? {} : { name: theorem }) };
}

export interface FoundTheorem {
  readonly report: FolderReport;
  readonly theorem: TheoremReport;
}

export function findTheorem(reports: readonly FolderReport[], { path, name, line }: ProofLink): FoundTheorem | null {
  for (const report of reports) {
    const inside = relative(report.folder, path).split(sep).join("/");
    const theorems = report.proofFiles.find((file) => file.path === inside)?.theorems ?? [];
    const isThere = ({ place }: TheoremReport) => place.range.start.line === line;
    const isNamed = (one: TheoremReport) => one.name === name;
    // The line decides between modules that hold the same name; alone it may point at another theorem after an edit.
    const found =
      theorems.find((one) => isThere(one) && isNamed(one)) ?? theorems.findLast(isNamed) ?? theorems.find(isThere);
    if (found !== undefined) return { report, theorem: found };
  }
  return null;
}
