/** What `igla doctor` looks at. Each check answers with a finding; none of them throws or changes anything. */
import { constants } from "node:fs";
import { access, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { corpusCacheFolder } from "../data/cache-folder.ts";
import { DEFAULT_CORPUS, knownCorpora } from "../data/catalogue.ts";
import { locateLocally } from "../data/locate.ts";
import { findStandIn } from "../data/stand-in.ts";
import { corpusLabel } from "../data/tag.ts";
import type { AdapterSummary } from "../engine/webgpu/adapters.ts";
import { protections } from "../prover/run.ts";
import { stateFolder } from "../rpc/daemon-file.ts";
import { openDatabase } from "../store/database.ts";
import { findGpuAdapters } from "../train/find-adapters.ts";
import { openBackend } from "../train/open-backend.ts";
import type { CliContext } from "./context.ts";
import { describeFailures } from "./failure.ts";
import { chooseProver } from "./prover-choice.ts";
import { formatBytes } from "./render/format.ts";

/** `failed`: races cannot run until it is mended. `missing`: something optional is not there. */
export type FindingStatus = "ok" | "missing" | "failed";

export interface Finding {
  readonly id: "node" | "sqlite" | "gpu" | "cpu" | "corpus" | "workspace" | "coq";
  readonly status: FindingStatus;
  readonly summary: string;
  readonly wayOut: string;
  /** Facts for `--json`. */
  readonly facts: Readonly<Record<string, unknown>>;
}

type Check = (context: CliContext) => Promise<Finding>;

function ok(id: Finding["id"], summary: string, facts: Finding["facts"] = {}): Finding {
  return { id, status: "ok", summary, wayOut: "", facts };
}

function failed(id: Finding["id"], error: unknown): Finding {
  const [first] = describeFailures(error);
  return {
    id,
    status: "failed",
    summary: first?.message ?? "",
    wayOut: first?.wayOut ?? "",
    facts: { code: first?.code },
  };
}

const checkNode: Check = async () =>
  // The entry has refused older versions already.
  ok("node", `Node ${process.versions.node}`, { version: process.versions.node, path: process.execPath });

const checkSqlite: Check = async () => {
  try {
    await openDatabase(":memory:").close();
    return ok("sqlite", "opens a database and applies the schema");
  } catch (error) {
    return failed("sqlite", error);
  }
};

const checkGpu: Check = async () => {
  const search = await findGpuAdapters();
  if (search.kind === "unavailable") {
    const summary = `WebGPU cannot be loaded on this machine: ${search.reason}`;
    return { id: "gpu", status: "missing", summary, wayOut: "Races use the CPU engine.", facts: { adapters: [] } };
  }
  const { adapters } = search;
  const hardware = adapters.find(({ type }) => type !== "software");
  if (hardware !== undefined) return ok("gpu", describeAdapter(hardware), { adapters });
  const software = adapters.map(({ name }) => name).join(", ");
  const summary = software === "" ? "no adapter" : `only software adapters (${software}), used when named`;
  return { id: "gpu", status: "missing", summary, wayOut: "Races use the CPU engine.", facts: { adapters } };
};

function describeAdapter({ name, type, limits, features }: AdapterSummary): string {
  const notable = features.filter((feature) => feature === "shader-f16" || feature.includes("subgroup"));
  return [`${name} (${type})`, `buffers up to ${formatBytes(limits.maxBufferSize)}`, ...notable].join(" · ");
}

const checkCpu: Check = async () => {
  try {
    const backend = await openBackend("cpu");
    const { info } = backend;
    await backend.dispose();
    return ok("cpu", info.description, { backend: info });
  } catch (error) {
    return failed("cpu", error);
  }
};

const checkCorpus: Check = async ({ env, platform }) => {
  const known = knownCorpora.find(({ name }) => name === DEFAULT_CORPUS);
  if (known === undefined) throw new Error(`the catalogue has no ${DEFAULT_CORPUS}`);
  const cache = corpusCacheFolder(env, platform);
  try {
    const found = await locateLocally(known, { env, platform }, []);
    if (found !== null)
      return ok("corpus", `${corpusLabel(found.tag)} from ${found.path}`, { ...found.tag, path: found.path });
  } catch (error) {
    return failed("corpus", error);
  }
  const standIn = findStandIn(import.meta.url);
  const size = `${known.name} (${formatBytes(known.bytes)}) will be downloaded at the first race`;
  const offline = standIn === null ? "offline, set IGLA_DATA" : "offline, TypeScript's lib.dom.d.ts stands in for it";
  return {
    id: "corpus",
    status: "missing",
    summary: `${size}; ${offline}`,
    wayOut: `Nothing to do. To work without network, put ${known.name}.txt into a folder and name the folder in IGLA_DATA.`,
    facts: { cache, standIn: standIn !== null },
  };
};

const checkWorkspace: Check = async ({ cwd }) => {
  const folder = join(cwd, stateFolder);
  try {
    const present = await stat(folder).then(
      () => true,
      () => false,
    );
    await access(present ? folder : dirname(folder), constants.W_OK);
    return ok("workspace", present ? folder : `${folder} will be made`, { folder, present });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const wayOut = "Work in a folder that you may write to.";
    return {
      id: "workspace",
      status: "failed",
      summary: `${folder} cannot be written: ${reason}`,
      wayOut,
      facts: { folder },
    };
  }
};

const checkCoq: Check = async (context) => {
  const prover = await chooseProver(context, undefined).catch((error: unknown) => {
    const [first] = describeFailures(error);
    return { missing: "no-prover", cause: `${first?.place}: ${first?.message}`, wayOut: first?.wayOut ?? "" };
  });
  if ("missing" in prover) {
    return {
      id: "coq",
      status: "missing",
      summary: prover.cause ?? "not found: proofs are read, not checked",
      wayOut: prover.wayOut,
      facts: {},
    };
  }
  const { name, version, compile } = prover;
  return ok("coq", name, { command: compile.join(" "), version, protections: protections() });
};

const checks: readonly Check[] = [checkNode, checkSqlite, checkGpu, checkCpu, checkCorpus, checkWorkspace, checkCoq];

/** All findings, in a fixed order. One after the other: each may load a native library. */
export async function examine(context: CliContext): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const check of checks) findings.push(await check(context));
  return findings;
}

/** A race needs a database, a corpus, a place to write, and one engine. */
export function canRace(findings: readonly Finding[]): boolean {
  const status = (id: Finding["id"]) => findings.find((finding) => finding.id === id)?.status;
  const engine = status("cpu") === "ok" || status("gpu") === "ok";
  return engine && (["node", "sqlite", "corpus", "workspace"] as const).every((id) => status(id) !== "failed");
}
