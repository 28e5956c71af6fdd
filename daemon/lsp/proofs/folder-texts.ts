/** Assertion files, proofs and races of one folder as they stand: those on disk, and over them the texts that are open in the editor. */
import { isAssertionName } from "../../invariants/assertion-shapes.ts";
import { scanProof } from "../../invariants/coq/scan.ts";
import type { AssertionSource, ProofScan } from "../../invariants/model.ts";
import { folderOf } from "../../invariants/paths.ts";
import { readAssertions, unreadAssertions } from "../../invariants/read-assertions.ts";
import { isProjectFile } from "../../prover/folder-rules.ts";
import { filesAt, type LeftOut } from "../../prover/list-folder.ts";
import { type FolderText, readFolderFile, readProofFolder, sha256Of } from "../../prover/read-folder.ts";
import { type Cite, readCites } from "./cites.ts";

/** A text as the rules know it; the text of a proof itself is not kept. */
type Held = { readonly sha256: string; readonly plainSha256: string } & (
  | { readonly kind: "proof"; readonly scan: ProofScan }
  | { readonly kind: "assertions"; readonly source: AssertionSource }
  | { readonly kind: "race"; readonly cites: readonly Cite[] }
  | { readonly kind: "project" }
);

/** So many changes at once are a checkout or a build: the folder is read anew. */
const maxSingleReads = 50;
/** An open text beyond this is not read with every keystroke. */
const maxOpenLength = 8 * 1024 * 1024;

export class FolderTexts {
  readonly folder: string;
  readonly #disk = new Map<string, Held>();
  readonly #open = new Map<string, Held | null>();

  /** @param folder absolute */
  constructor(folder: string) {
    this.folder = folder;
  }

  /** @throws {Error} when the folder cannot be read */
  async load(): Promise<void> {
    const { assertions, proofs, projects, races, leftOut } = await readProofFolder(this.folder);
    const before = new Map(this.#disk);
    this.#disk.clear();
    for (const text of [...assertions, ...proofs, ...projects, ...races]) this.#keep(text, before.get(text.path));
    for (const one of leftOut) this.#leaveOut(one);
  }

  /**
   * Files that were written, and files and folders that came or went. A folder stands for all that it holds or held.
   * @returns what has to be thought about again: `flags`: a project file, and with it what every proof of the folder means
   */
  async reload(told: readonly string[]): Promise<"nothing" | "texts" | "flags"> {
    const paths = await this.#affected(told);
    const isProject = paths.some(isProjectFile);
    if (paths.length > maxSingleReads) {
      await this.load();
      return isProject ? "flags" : "texts";
    }
    let changed = false;
    for (const path of paths) {
      const before = this.#disk.get(path);
      const leftOut: LeftOut[] = [];
      const text = await readFolderFile(this.folder, path, leftOut);
      this.#disk.delete(path);
      if (text !== null) this.#keep(text, before);
      for (const one of leftOut) this.#leaveOut(one);
      changed ||= before?.sha256 !== this.#disk.get(path)?.sha256;
    }
    return isProject ? "flags" : changed ? "texts" : "nothing";
  }

  /** The files that a check reads, or has read, among what was told and below it. */
  async #affected(told: readonly string[]): Promise<string[]> {
    const places = new Set(told);
    const isTold = (path: string): boolean => path !== "" && (places.has(path) || isTold(folderOf(path)));
    const found = new Set([...this.#disk.keys()].filter(isTold));
    for (const path of told) {
      for (const present of await filesAt(this.folder, path)) found.add(present);
    }
    return [...found];
  }

  #keep({ path, text, sha256 }: FolderText, before: Held | undefined): void {
    const held = before?.sha256 === sha256 ? before : hold(path, text, sha256);
    if (held !== null) this.#disk.set(path, held);
  }

  /** Claims that nobody reads are told of; anything else that is left out is as if it were not there. */
  #leaveOut({ path, text }: LeftOut): void {
    if (path === null || !isAssertionName(path)) return;
    const sha256 = sha256Of(Buffer.from(text));
    this.#disk.set(path, { kind: "assertions", source: unreadAssertions(path, text), sha256, plainSha256: sha256 });
  }

  /** The text that the editor shows; it stands for the file until it is closed. @returns whether the report may change */
  open(path: string, text: string): boolean {
    const sha256 = sha256Of(Buffer.from(text));
    const before = this.#open.get(path);
    if (before?.sha256 === sha256) return false;
    const disk = this.#disk.get(path);
    const held = disk?.sha256 === sha256 ? disk : text.length > maxOpenLength ? null : hold(path, text, sha256);
    this.#open.set(path, held);
    // Neither a race file nor a foreign JSON is in the report; a project file is looked at once it is saved.
    return [before, held].some((each) => each?.kind === "proof" || each?.kind === "assertions");
  }

  close(path: string): void {
    this.#open.delete(path);
  }

  isOpen(path: string): boolean {
    return this.#open.has(path);
  }

  scan(path: string): ProofScan | null {
    const held = this.#held(path);
    return held?.kind === "proof" ? held.scan : null;
  }

  source(path: string): AssertionSource | null {
    const held = this.#held(path);
    return held?.kind === "assertions" ? held.source : null;
  }

  scans(): ProofScan[] {
    return this.#all().flatMap(([, held]) => (held.kind === "proof" ? [held.scan] : []));
  }

  sources(): AssertionSource[] {
    return this.#all().flatMap(([, held]) => (held.kind === "assertions" ? [held.source] : []));
  }

  races(): { readonly path: string; readonly cites: readonly Cite[] }[] {
    return this.#all().flatMap(([path, held]) => (held.kind === "race" ? [{ path, cites: held.cites }] : []));
  }

  /** SHA-256 of the present bytes of each proof: those on disk where the open text is the same but for a byte order mark. */
  hashes(): Map<string, string> {
    return new Map(
      this.#all().flatMap(([path, { kind, sha256 }]) => {
        const disk = this.#disk.get(path);
        return kind === "proof" ? [[path, disk?.plainSha256 === sha256 ? disk.sha256 : sha256]] : [];
      }),
    );
  }

  #held(path: string): Held | undefined {
    // An open text that is no claim and no proof any more is not what the disk still holds.
    return this.#open.has(path) ? (this.#open.get(path) ?? undefined) : this.#disk.get(path);
  }

  #all(): [string, Held][] {
    const paths = new Set([...this.#disk.keys(), ...this.#open.keys()]);
    return [...paths].sort().flatMap((path): [string, Held][] => {
      const held = this.#held(path);
      return held === undefined ? [] : [[path, held]];
    });
  }
}

function hold(path: string, text: string, sha256: string): Held | null {
  const plainSha256 = text.startsWith("\ufeff") ? sha256Of(Buffer.from(text.slice(1))) : sha256;
  if (path.endsWith(".v")) return { kind: "proof", scan: scanProof(path, text), sha256, plainSha256 };
  if (path.endsWith(".toml")) return { kind: "race", cites: readCites(text).cites, sha256, plainSha256 };
  if (isProjectFile(path)) return { kind: "project", sha256, plainSha256 };
  const source = path.endsWith(".json") ? readAssertions(path, text) : null;
  return source === null ? null : { kind: "assertions", source, sha256, plainSha256 };
}
