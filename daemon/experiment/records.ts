/** What an experiment leaves behind in the workspace: its registration, and its verdict in the ledger. */
import { mkdir, open, readdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { canonicalHash, canonicalJson } from "../config/canonical.ts";
import type { LedgerVerdict, VerdictRow } from "../evidence/ledger/row.ts";
import { appendVerdict, loadLedger, type TakeLock } from "../evidence/ledger/write.ts";
import { type LeverRegistration, leverRegistrationSchema } from "../evidence/lever-registration.ts";
import { registrationPath } from "../evidence/registration.ts";
import { IglaError } from "../protocol/errors.ts";
import type { ResultOf } from "../protocol/request.ts";
import type { experimentVerdicts } from "../protocol/requests.ts";

export const ledgerPath = "assertions/seed_results.jsonl";

export class Records {
  readonly #workspace: string;
  readonly #takeLock: TakeLock;

  /** @param workspace absolute */
  constructor(workspace: string, takeLock: TakeLock) {
    this.#workspace = workspace;
    this.#takeLock = takeLock;
  }

  /**
   * Writes the registration before anything is trained. No file is ever overwritten.
   * @returns its id @throws {IglaError} `experiment.registration`
   */
  async register(registration: LeverRegistration): Promise<string> {
    const id = canonicalHash(registration);
    const path = join(this.#workspace, registrationPath(id));
    try {
      await mkdir(dirname(path), { recursive: true });
      const file = await open(path, "wx", 0o644);
      try {
        await file.writeFile(`${canonicalJson(registration)}\n`);
        await file.sync();
      } finally {
        await file.close();
      }
    } catch (error) {
      throw new IglaError("experiment.registration", `${path}: ${(error as Error).message}`);
    }
    return id;
  }

  /**
   * A registration of the same experiment that has no verdict yet: what was trained for it still counts.
   * @param wanted all but when it was registered and how many there were by then
   */
  async unfinished(wanted: Question): Promise<{ id: string; registration: LeverRegistration } | null> {
    const decided = new Set((await this.verdicts()).map(({ row }) => row.prereg));
    for (const { name, registration } of await this.#registrations()) {
      const id = canonicalHash(registration);
      if (id.slice(0, 12) === name && !decided.has(id) && questionOf(registration) === questionOf(wanted)) {
        return { id, registration };
      }
    }
    return null;
  }

  /**
   * Everything that was ever registered on a lever and its two arms, whatever the seeds, the claim and the length; a file
   * that was edited since counts, too, and so does a verdict whose registration is gone.
   * @returns first digits of the ids; of those in `undecided` the ledger knows no verdict
   */
  async family({
    lever,
    arms,
  }: Pick<LeverRegistration, "lever" | "arms">): Promise<{ registered: string[]; undecided: string[] }> {
    const isOf = (other: Pick<LeverRegistration, "lever" | "arms">): boolean =>
      other.lever === lever && other.arms.off === arms.off && other.arms.on === arms.on;
    const files = (await this.#registrations()).filter(({ registration }) => isOf(registration));
    const rows = (await this.verdicts()).filter(({ row }) => isOf(row));
    const decided = new Set(rows.map(({ row }) => row.prereg.slice(0, 12)));
    const registered = [...new Set([...files.map(({ name }) => name), ...decided])];
    return { registered, undecided: registered.filter((id) => !decided.has(id)) };
  }

  /** Those on levers, by the names of their files without the ending; in order of the names. */
  async #registrations(): Promise<{ name: string; registration: LeverRegistration }[]> {
    const folder = join(this.#workspace, dirname(registrationPath("")));
    const names = (await readdir(folder).catch(() => [])).filter((each) => each.endsWith(".json")).sort();
    const found = await Promise.all(
      names.map(async (name) => {
        const registration = parse(await readFile(join(folder, name), "utf8").catch(() => ""));
        return registration === null ? [] : [{ name: name.slice(0, -".json".length), registration }];
      }),
    );
    return found.flat();
  }

  /** The ledger's verdicts, and what is wrong with the file. */
  async recorded(): Promise<ResultOf<typeof experimentVerdicts>> {
    const path = join(this.#workspace, ledgerPath);
    const unreadable = (error: Error) => ({
      verdicts: [],
      findings: [{ line: 1, message: `The ledger cannot be read: ${error.message}`, harmless: false }],
    });
    const { verdicts, findings } = await loadLedger(path).catch(unreadable);
    const grave = findings.filter(({ harmless }) => !harmless);
    return {
      path,
      sound: grave.length === 0,
      findings: grave.map(({ line, message }) => ({ line, message })),
      verdicts: verdicts.map(({ line, row: { ts, lever, race, corpus, protocol, prereg, outcome } }) => {
        return { line, ts, lever, race, corpus, protocol, experimentId: prereg, outcome };
      }),
    };
  }

  /** Verdicts of the ledger, oldest first; none when it cannot be read. */
  async verdicts(): Promise<readonly LedgerVerdict[]> {
    return loadLedger(join(this.#workspace, ledgerPath)).then(
      ({ verdicts }) => verdicts,
      () => [],
    );
  }

  /** @throws {IglaError} `experiment.ledger` */
  async conclude(row: VerdictRow): Promise<void> {
    const path = join(this.#workspace, ledgerPath);
    const result = await this.#append(path, row).catch((error: Error) => {
      throw new IglaError("experiment.ledger", `${path}: ${error.message}`);
    });
    if (!result.ok) throw new IglaError("experiment.ledger", result.message);
  }

  async #append(path: string, row: VerdictRow) {
    await mkdir(dirname(path), { recursive: true });
    return appendVerdict(path, row, this.#takeLock);
  }
}

/** What is asked, and by which rules; not when, nor how often before. */
export type Question = Omit<LeverRegistration, "registeredAt" | "hypotheses">;

function questionOf(registration: Question & Partial<LeverRegistration>): string {
  const { registeredAt: _, hypotheses: __, ...question } = registration;
  return canonicalJson(question);
}

function parse(text: string): LeverRegistration | null {
  try {
    const parsed = leverRegistrationSchema.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : null;
  } catch {
    // Another kind of registration, or half a file: none of ours.
    return null;
  }
}
