/** What is read of a folder without Coq: broken files, foreign ones, and how long many take. */
import { afterEach, describe, expect, test } from "vitest";
import { isProofRequest } from "../../daemon/protocol/invariant-requests.ts";
import {
  arith,
  claims,
  codes,
  entry,
  files,
  finish,
  hoverText,
  jsonPath,
  open,
  positionOf,
  server,
  start,
} from "./proof-session.ts";

afterEach(finish);

describe("bad input", () => {
  test("broken JSON, duplicate ids, prose, paths that leave the folder: each is named at its place, the rest is read", async () => {
    const text = `{"invariants": [
  {"id": "A-1", "coq_theorem": "good", "coq_file": "../outside/Arith.v", "status": "Proven"},
  {"id": "A-1", "coq_theorem": "good", "coq_file": "proofs/Later.v (NOT YET CREATED)", "status": "wip"},
  {"id": "A-3", "coq_theorem": "good", "coq_file": "somewhere in the proofs", "status": "Proven"},
  {"id": "A-4", "coq_theorem": "absent", "coq_file": "proofs/Arith.v", "status": "Proven"},,
]}`;
    await start({ ...files, [jsonPath]: text }, { trusted: false });
    const uri = await open(jsonPath);
    const found = await server.diagnosticsUntil(uri, (diagnostics) => diagnostics.length > 0);
    const at = (code: string) => found.filter((one) => one.code === code).map(({ range }) => range.start.line);
    expect(at("path-outside")).toEqual([1]);
    expect(at("duplicate-id")).toEqual([2]);
    expect(at("planned-file")).toEqual([2]);
    expect(at("path-unreadable")).toEqual([3]);
    expect(at("cites-missing-theorem")).toContain(4);
    expect(at("json-syntax")).toContain(4);
    expect(await hoverText(uri, positionOf(text, "A-4"))).toMatch(/✘|Broken/);
  });

  test("text of a file cannot become a command, a link or a picture in the hover", async () => {
    const evil = "![x](https://example.com/x.png) [run](command:workbench.action.quit) <img src=x> ```";
    const text = JSON.stringify({ invariants: [{ ...entry(evil, "good", evil), description: evil }] });
    await start({ ...files, [jsonPath]: text }, { trusted: false });
    const uri = await open(jsonPath);
    await server.diagnosticsUntil(uri, (diagnostics) => diagnostics.length > 0);
    const hover = await hoverText(uri, { line: 0, character: 30 });
    expect(hover).toContain("example");
    expect(hover).not.toMatch(/(?<!\\)\[run(?<!\\)\]|(?<!\\)!\[|(?<!\\)<img/);
  });
});

test("Verilog, foreign JSON and files outside of the folder are left in peace", async () => {
  await start({
    "cpu.v": "module cpu(input clk);\nendmodule\n",
    "package.json": '{"name": "x"}',
    "Ok.v": "Definition x := 1.\n",
  });
  const verilog = await open("cpu.v");
  const json = await open("package.json");
  const ok = await open("Ok.v");
  const isProof = (uri: string) => server.connection.sendRequest<boolean>(isProofRequest, { uri });
  expect(await isProof(verilog)).toBe(false);
  expect(await isProof(ok)).toBe(true);
  expect(await server.diagnostics(verilog, 1)).toEqual([]);
  expect(await server.diagnostics(json, 1)).toEqual([]);
  expect(await hoverText(verilog, { line: 0, character: 8 })).toBe("");
  await server.open("file:///elsewhere/x.json", claims, "json");
  expect(await server.diagnostics("file:///elsewhere/x.json", 1)).toEqual([]);
  expect(await isProof("untitled:Untitled-1")).toBe(false);
});

test("fifty proofs: the first answer comes from the text, hovers from the store; times and memory are printed", async () => {
  const many = Object.fromEntries(Array.from({ length: 50 }, (_, n) => [`proofs/P${n}.v`, arith.repeat(10)]));
  const entries = Array.from({ length: 50 }, (_, n) => ({
    ...entry(`INV-${n + 1}`, "good", "Proven"),
    coq_file: `proofs/P${n}.v`,
  }));
  const text = JSON.stringify({ invariants: entries }, null, 2);
  await start({ ...many, "igla_assertions.json": text }, { trusted: false });
  const started = performance.now();
  const uri = await open("igla_assertions.json");
  await server.diagnosticsUntil(uri, (found) => codes(found).filter((code) => code === "unchecked").length === 50);
  const firstMs = performance.now() - started;
  const times: number[] = [];
  for (let n = 1; n <= 50; n++) {
    const asked = performance.now();
    expect(await hoverText(uri, positionOf(text, `"INV-${n}"`))).toContain("Not checked by Coq");
    times.push(performance.now() - asked);
  }
  const hoverMs = times.toSorted((a, b) => a - b)[25] ?? Number.NaN;
  const memory = (server.rssBytes() ?? 0) / 1024 / 1024;
  console.log(
    `first answer ${firstMs.toFixed(0)} ms, hover ${hoverMs.toFixed(1)} ms, resident ${memory.toFixed(0)} MiB`,
  );
  expect(firstMs).toBeLessThan(5000);
  expect(hoverMs).toBeLessThan(200);
});
