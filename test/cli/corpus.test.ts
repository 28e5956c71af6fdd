/** What `igla` says about the corpus is what is trained on, and what cannot work is refused before it begins. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { syntheticCorpus } from "../fixtures/specs.ts";
import { tinyRace, Workspace } from "./igla.ts";

let workspace: Workspace;
beforeAll(() => {
  workspace = new Workspace();
});
afterAll(() => workspace.close());

const untilWarm = (steps: string) => ["train", "tiny.igla.toml", "--steps", steps] as const;

describe("before anything is trained", () => {
  it("a context of the space that is longer than a split is refused by value, split and bytes", async () => {
    const space = '[space."model.context"]\nchoice = [16, 2048]\n';
    workspace.write("long-context.igla.toml", `${tinyRace()}${space}`);
    const { code, err } = await workspace.run("race", "long-context.igla.toml");
    expect(code).toBe(1);
    expect(err).toContain("error data.split-too-short");
    expect(err).toMatch(/validation part .* has 2000 bytes[\s\S]*\[space\."model\.context"\]: 2048/);
    expect((await workspace.json("status")).document).toMatchObject({ daemon: null, races: [] });
    expect((await workspace.run("train", "long-context.igla.toml", "--steps", "10")).code).toBe(0);
  });

  it("a warm-up as long as the training is refused like in a race", async () => {
    const { code, err } = await workspace.run(...untilWarm("5"));
    expect(code).toBe(2);
    expect(err).toContain("error schedule.warmup");
    expect(err).toContain("a warm-up of 5 steps fills the whole schedule of 5");
    expect((await workspace.run(...untilWarm("6"))).code).toBe(0);
  });

  it("a folder for the model that cannot be written is found", async () => {
    const other = join(workspace.folder, "other");
    mkdirSync(join(other, ".igla"), { recursive: true });
    writeFileSync(join(other, ".igla", "train"), "in the way");
    const { code, err } = await workspace.run(...untilWarm("10"), "--workspace", other);
    expect(code).toBe(1);
    expect(err).toContain("error checkpoint.io");
    expect(err).not.toContain("engine ");
  });
});

describe("the leak rates", () => {
  it("stand in the corpus lines and in the document", async () => {
    const { err, out } = await workspace.run(...untilWarm("10"), "--json");
    expect(err).toMatch(/repeated in validation: 64-byte \d+\.\d\d %, 13-byte \d+\.\d %; in test: 64-byte/);
    const { leaks } = JSON.parse(out);
    expect(leaks).toMatchObject([{ part: "validation", rate64: 0 }, { part: "test" }]);
    expect(leaks[0].rate13).toBeGreaterThan(0);
  });
});

describe("a daemon with another environment", () => {
  const inData = (length: number) => writeFileSync(join(workspace.folder, "data", "mine.txt"), syntheticCorpus(length));

  it("trains on the file that the command found, and another text is another race", async () => {
    mkdirSync(join(workspace.folder, "data"));
    inData(40_000);
    workspace.write("mine.igla.toml", tinyRace({ name: "mine" }).replace("./text.txt", "mine"));
    await workspace.run("daemon", "start");
    workspace.env.IGLA_DATA = join(workspace.folder, "data");
    try {
      const { code, document } = await workspace.json("race", "mine.igla.toml");
      expect(code).toBe(0);
      expect(document.corpus).toMatchObject({ name: "mine", bytes: 40_000, origin: "IGLA_DATA" });
      expect(document.leaks).toHaveLength(2);
    } finally {
      delete workspace.env.IGLA_DATA;
    }
  });

  it("does not go on with an unfinished race on another text", async () => {
    workspace.env.IGLA_DATA = join(workspace.folder, "data");
    try {
      workspace.write("slow.igla.toml", tinyRace({ name: "slow", steps: 100_000 }).replace("./text.txt", "mine"));
      const first = workspace.start("race", "slow.igla.toml");
      await first.untilErr("BPB");
      first.child.kill("SIGINT");
      await first.finished;
      inData(41_000);
      const second = workspace.start("race", "slow.igla.toml", "--stop-on-exit");
      await second.untilErr("was begun on another text");
      await second.untilErr("started race");
      second.child.kill("SIGINT");
      await second.finished;
    } finally {
      delete workspace.env.IGLA_DATA;
    }
  });
});
