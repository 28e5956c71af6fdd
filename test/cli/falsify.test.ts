/** `igla falsify` as a process: every exit code, one document, and what a person reads. */
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { tinyRace, Workspace } from "./igla.ts";

let workspace: Workspace;
const at = (...parts: string[]) => join(workspace.folder, ...parts);
const ledger = () => at("assertions", "seed_results.jsonl");
const falsify = (...args: string[]) => ["falsify", "tiny.igla.toml", "--lever", ...args];

beforeAll(() => {
  workspace = new Workspace();
  workspace.write("narrow.igla.toml", tinyRace().replace("heads = 2", "heads = 8"));
  workspace.write("long.igla.toml", tinyRace({ steps: 3000 }));
  workspace.write(
    "gelu.igla.toml",
    `${tinyRace().replace('[space."levers.relu2"]\nchoice = [true, false]', "")}[levers.gelu]\n`,
  );
});
afterAll(() => workspace.close());

describe("before anything runs", () => {
  it("--plan says what it costs and what it can find, and writes nothing", async () => {
    const { code, out, err } = await workspace.run(...falsify("relu2", "--plan"));
    expect([code, out]).toEqual([0, ""]);
    for (const part of [
      "(relu2) is said to gain 0.01 BPB: So et al. 2021",
      "5 pairs, seeds 43, 44, 45, 46, 47; one look at the end; alpha 0.01, two-sided",
      "without 60 steps, 11.3k parameters",
      "600 training steps",
      "found with 80 % power if the pairs scatter by at most 0.00",
    ]) {
      expect(err).toContain(part);
    }
    const { document } = await workspace.json(...falsify("relu2", "--plan", "--seeds", "2"));
    expect(document.design).toMatchObject({ lever: "relu2", seeds: [43, 44], largestDeviation: 0, expectedPower: 0 });
    expect((await workspace.run(...falsify("relu2", "--plan", "--seeds", "2"))).err).toContain(
      "so few pairs decide nothing",
    );
    expect(existsSync(at("assertions"))).toBe(false);
    expect((await workspace.json("status")).document.races).toEqual([]);
  });

  it.each([
    [["falsify", "tiny.igla.toml"], "cli.usage", "falsify", /--lever/],
    [falsify("relu3"), "experiment.unknown-lever", "--lever relu3", /relu2, leaky-relu2/],
    [["falsify", "gelu.igla.toml", "--lever", "relu2"], "experiment.lever-conflict", "gelu.igla.toml", /beside gelu/],
    [falsify("relu2", "--steps", "5"), "experiment.bad-design", "tiny.igla.toml", /warm-up of 5.*--steps/],
    [falsify("relu2", "--claim", "0"), "experiment.bad-design", "tiny.igla.toml", /other than 0/],
    [falsify("relu2", "--looks", "6"), "experiment.bad-design", "tiny.igla.toml", /6 looks at 5 seeds/],
    [falsify("relu2", "--equal", "time"), "experiment.bad-design", "tiny.igla.toml", /equal steps once/],
    [falsify("relu2", "--equal", "luck"), "cli.usage", "falsify", /luck/],
    [falsify("relu2", "--claim", "much"), "cli.usage", "falsify", /much/],
    [falsify("relu2", "--claim", "11"), "cli.usage", "falsify", /11/],
    [falsify("relu2", "--seeds", "0"), "cli.usage", "falsify", /0/],
    [falsify("relu2", "--seeds", "1001"), "cli.usage", "falsify", /1001/],
    [falsify("relu2", "--seeds", "2.5"), "cli.usage", "falsify", /2\.5/],
    [falsify("relu2", "--steps", "-1"), "cli.usage", "falsify", /-1/],
    [falsify("relu2", "--looks", "11"), "cli.usage", "falsify", /11/],
    [["falsify", "nothing.toml", "--lever", "relu2"], "cli.no-race-file", "nothing.toml", /no such file/],
  ])("2 with place, cause and way out: %j", async (args, expected, place, cause) => {
    const { code, document } = await workspace.json(...args);
    expect(document.errors).toHaveLength(1);
    const [error] = document.errors;
    expect(error).toMatchObject({ code: expected, wayOut: expect.stringMatching(/\S/) });
    expect(error.place).toContain(place);
    expect(error.message).toMatch(cause);
    expect(code).toBe(2);
    expect(existsSync(at("assertions"))).toBe(false);
  });
});

describe("verdicts", () => {
  it.each([
    [0, "survived", falsify("wsd", "--seeds", "4", "--claim", "0.001")],
    [3, "inconclusive", falsify("relu2", "--seeds", "2")],
    [4, "refuted", falsify("relu2", "--seeds", "3", "--claim", "-5")],
    [4, "dead-lever", ["falsify", "narrow.igla.toml", "--lever", "partial-rope", "--seeds", "3"]],
  ])("%d: %s", async (exitCode, verdict, args) => {
    const { code, document } = await workspace.json(...args);
    expect(document).toMatchObject({ experiment: { status: "decided", verdict: { verdict }, failure: null } });
    expect(code).toBe(exitCode);
    const last = readFileSync(ledger(), "utf8").trimEnd().split("\n").at(-1) ?? "";
    expect(JSON.parse(last)).toMatchObject({
      kind: "lever-verdict",
      prereg: document.experiment.experimentId,
      outcome: document.experiment.verdict,
    });
    expect(existsSync(at("assertions", "prereg", `${document.experiment.experimentId.slice(0, 12)}.json`))).toBe(true);
  });

  it("for a person: verdict, reason, pairs and arms on stdout, the way there on stderr", async () => {
    const { code, out, err } = await workspace.run(...falsify("relu2", "--seeds", "3", "--claim", "5"));
    expect(code).toBe(4);
    expect(out).toMatch(/^relu2: refuted\n {2}The gain is at most -?\d+\.\d{4} BPB, less than the claimed 5\.0000\.\n/);
    expect(out).toMatch(
      /change [+-]\d\.\d{4} BPB \[-\d\.\d{4}, \+\d\.\d{4}\] at \d+(?:\.\d+)? %, 3 pairs, claimed -5\.0000\n/,
    );
    expect(out.match(/seed 4[345]: without \d\.\d{4}, with \d\.\d{4}, change/g)).toHaveLength(3);
    expect(out.match(/with(out)? +60 steps, 11\.3k parameters, 2\.9 MFLOP a step, \d+\.\d s a trial/g)).toHaveLength(2);
    expect(out).toMatch(/recorded in assertions\/seed_results\.jsonl under [0-9a-f]{12}\n$/);
    expect(err).toMatch(/registered as assertions\/prereg\/[0-9a-f]{12}\.json/);
    expect(err).toContain("Is the lever alive?");
    expect(`${out}${err}`).not.toContain("\u001b");
  });

  it("the ledger verifies, and its verdicts are no results", async () => {
    const { code, document } = await workspace.json("ledger", "verify", "assertions/seed_results.jsonl");
    expect(document).toMatchObject({ sound: true, rows: 0 });
    expect(code).toBe(0);
    expect((await workspace.json("gate", "check", "assertions/seed_results.jsonl")).code).toBe(5);
  });
});

describe("trouble", () => {
  it("130: Ctrl-C stops it, the same command goes on with what was trained", async () => {
    const args = ["falsify", "long.igla.toml", "--lever", "relu2", "--seeds", "3"];
    const registered = () => readdirSync(at("assertions", "prereg")).length;
    const before = registered();
    const first = workspace.start(...args, "--json");
    await first.untilErr("Training the pairs");
    first.child.kill("SIGINT");
    const { code, out, err } = await first.finished;
    expect(code).toBe(130);
    const { experiment } = JSON.parse(out);
    expect(experiment).toMatchObject({ status: "stopped", verdict: null });
    expect(err).toContain("`igla falsify long.igla.toml --lever relu2` with the same options goes on");
    const second = workspace.start(...args);
    await second.untilErr(experiment.experimentId.slice(0, 12));
    second.child.kill("SIGINT");
    expect((await second.finished).code).toBe(130);
    expect(registered()).toBe(before + 1);
  });

  it("1: a failure is one document, and says once what is wrong and what to do", async () => {
    const whole = readFileSync(ledger(), "utf8");
    writeFileSync(ledger(), `${whole}no row\n`);
    const { code, out } = await workspace.run(...falsify("relu2", "--seeds", "3", "--claim", "4", "--json"));
    writeFileSync(ledger(), whole);
    expect(code).toBe(1);
    const [error] = JSON.parse(out).errors;
    expect(error).toMatchObject({ code: "experiment.ledger", place: "tiny.igla.toml" });
    expect(error.message.match(/cannot be written into the ledger/g)).toHaveLength(1);
    expect(error.message).toContain(ledger());
    expect(error.wayOut).toContain("igla ledger verify");
    const again = await workspace.json(...falsify("relu2", "--seeds", "3", "--claim", "4"));
    expect([again.code, again.document.experiment.verdict.verdict]).toEqual([4, "refuted"]);
  });

  it("1: a daemon that is killed; the same command starts another one and goes on", async () => {
    const args = ["falsify", "long.igla.toml", "--lever", "swiglu", "--seeds", "3", "--steps", "1500"];
    const first = workspace.start(...args, "--json");
    await first.untilErr("Training the pairs");
    process.kill(await workspace.daemonPid(), "SIGKILL");
    const { code, out, err } = await first.finished;
    expect(code).toBe(1);
    expect(JSON.parse(out).errors).toMatchObject([{ code: "connection.lost", wayOut: expect.stringMatching(/\S/) }]);
    const id = /assertions\/prereg\/([0-9a-f]{12})/.exec(err)?.[1] ?? "none";
    const again = await workspace.json(...args);
    expect(again.document.experiment.experimentId.slice(0, 12)).toBe(id);
    expect(again.document.experiment.status).toBe("decided");
  });

  it("1: another experiment is running; where assertions cannot be written", async () => {
    const running = workspace.start("falsify", "long.igla.toml", "--lever", "gelu", "--seeds", "3");
    await running.untilErr("registered as");
    const busy = await workspace.json(...falsify("relu2"));
    running.child.kill("SIGINT");
    expect((await running.finished).code).toBe(130);
    expect(busy.code).toBe(1);
    expect(busy.document.errors[0]).toMatchObject({
      code: "experiment.busy",
      wayOut: expect.stringContaining("stop it"),
    });
    rmSync(at("assertions"), { recursive: true });
    writeFileSync(at("assertions"), "in the way");
    const refused = await workspace.json(...falsify("relu2"));
    rmSync(at("assertions"));
    expect(refused.code).toBe(1);
    expect(refused.document.errors[0]).toMatchObject({ code: "experiment.registration" });
    expect(refused.document.errors[0].message).toContain(at("assertions"));
  });
});
