/**
 * The packaged extension as a user meets it, in a real workbench. Without one the tests are skipped under a name that
 * says so; with IGLA_REQUIRE_WORKBENCH=1 its absence is a failure.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe } from "vitest";
import { Bench, packageExtension } from "./bench.ts";
import { startDesktopHost } from "./desktop-host.ts";
import type { HostOptions } from "./host.ts";
import { findInstallation } from "./installation.ts";
import { editingARaceFile } from "./journeys/config.ts";
import { finishedRace } from "./journeys/finished-race.ts";
import { firstStart } from "./journeys/first-start.ts";
import { levers } from "./journeys/levers.ts";
import { midRace } from "./journeys/mid-race.ts";
import { claimsAgainstProofs } from "./journeys/proofs.ts";
import { untrustedFolder } from "./journeys/untrusted.ts";
import { startWebHost } from "./web-host.ts";

const desktop = process.env.IGLA_DESKTOP;
const installation = findInstallation();
const isMissing = desktop === undefined && typeof installation === "string";
if (isMissing && process.env.IGLA_REQUIRE_WORKBENCH === "1") {
  throw new Error(`IGLA_REQUIRE_WORKBENCH is set, but ${installation}.`);
}
const title = (text: string) => (isMissing ? `${text} (skipped: ${installation})` : text);

function startHost(options: HostOptions) {
  if (desktop !== undefined) return startDesktopHost(desktop, options);
  if (typeof installation === "string") throw new Error(installation);
  return startWebHost(installation, options);
}

describe.skipIf(isMissing)(title("the packaged extension in a workbench"), { timeout: 120_000 }, () => {
  const packages = mkdtempSync(join(tmpdir(), "igla-package-"));
  let vsix: string;
  beforeAll(async () => {
    vsix = await packageExtension(packages);
  });
  afterAll(() => rmSync(packages, { recursive: true, force: true }));

  describe.each([
    ["with trusted folders", false, [firstStart, editingARaceFile, finishedRace, midRace, claimsAgainstProofs, levers]],
    ["with workspace trust", true, [untrustedFolder]],
  ] as const)("%s", (_, trust, journeys) => {
    let bench: Bench;
    beforeAll(async () => {
      bench = await Bench.start(startHost, vsix, trust);
    }, 120_000);
    afterAll(() => bench?.close(), 120_000);
    // The steps of a journey build on each other: what follows a failure would only fail for its sake.
    beforeEach(({ task, skip }) => {
      skip(task.suite?.tasks.some(({ result }) => result?.state === "fail") === true, "an earlier step failed");
    });
    afterEach(async ({ task }) => {
      if (task.result?.state === "fail") await bench.pictures(task.name);
    });
    for (const journey of journeys) journey(() => bench);
  });
});
