import { createHash } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { corpusCacheFolder } from "../../daemon/data/cache-folder.ts";
import type { KnownCorpus } from "../../daemon/data/catalogue.ts";
import { downloadCorpus } from "../../daemon/data/download.ts";
import { measureLeaks } from "../../daemon/data/leak-gate.ts";
import { type CorpusRequest, locateCorpus } from "../../daemon/data/locate.ts";
import { splitRanges } from "../../daemon/data/splits.ts";
import { findStandIn } from "../../daemon/data/stand-in.ts";
import { corpusLabel } from "../../daemon/data/tag.ts";
import { needsTinyShakespeare, tinyShakespeareFolder } from "./data-fixtures.ts";

const TEXT = Buffer.from(Array.from({ length: 200_000 }, (_, i) => 97 + ((i * i) % 26)));
const NOWHERE = "http://127.0.0.1:9/input.txt";

let folder: string;
const cleanups: (() => void | Promise<void>)[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "igla-data-"));
  cleanups.push(() => rmSync(folder, { recursive: true, force: true }));
});
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

function known(url: string, name = "tinyshakespeare"): KnownCorpus {
  return { name, bytes: TEXT.length, sha256: createHash("sha256").update(TEXT).digest("hex"), url };
}

function request(over: Partial<CorpusRequest> = {}): CorpusRequest {
  return {
    corpus: "tinyshakespeare",
    raceFolder: folder,
    env: { XDG_CACHE_HOME: join(folder, "cache") },
    platform: "linux",
    standInPath: null,
    catalogue: [known(NOWHERE)],
    download: { silenceMs: 500 },
    ...over,
  };
}

const cachedPath = () => join(folder, "cache/igla/corpora/tinyshakespeare.txt");
const code = (value: string) => expect.objectContaining({ code: value });

/** A local server; `answer` gets the number of the request. Returns the address and the requests' Range headers. */
async function serve(answer: (request: IncomingMessage, response: ServerResponse, turn: number) => void) {
  const ranges: (string | undefined)[] = [];
  const server = createServer((incoming, response) => {
    ranges.push(incoming.headers.range);
    answer(incoming, response, ranges.length);
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  cleanups.push(() => {
    server.closeAllConnections();
    return new Promise((done) => server.close(() => done()));
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/input.txt`, ranges };
}

/** A correct file server with Range support. */
function sendWhole(incoming: IncomingMessage, response: ServerResponse, text = TEXT): void {
  const from = Number(/^bytes=(\d+)-$/.exec(incoming.headers.range ?? "")?.[1] ?? 0);
  const body = text.subarray(from);
  const headers = { "content-length": body.length, "content-range": `bytes ${from}-${text.length - 1}/${text.length}` };
  response.writeHead(from > 0 ? 206 : 200, from > 0 ? headers : { "content-length": body.length });
  response.end(body);
}

/** Announces everything, sends a part and breaks the connection. */
function sendAndBreak(response: ServerResponse, from: number, to: number): void {
  const headers = {
    "content-length": TEXT.length - from,
    "content-range": `bytes ${from}-${TEXT.length - 1}/${TEXT.length}`,
  };
  response.writeHead(from > 0 ? 206 : 200, headers);
  response.write(TEXT.subarray(from, to), () => setTimeout(() => response.destroy(), 50));
}

describe("look-up order", () => {
  it("reads a path relative to the race file", async () => {
    mkdirSync(join(folder, "texts"));
    writeFileSync(join(folder, "texts/böok.txt"), "grüße");
    const found = await locateCorpus(request({ corpus: "texts/böok.txt" }));
    expect(found.tag).toMatchObject({ name: "böok", origin: "config path", tag: "multilingual", bytes: 7 });
  });

  it("takes IGLA_DATA before the cache", async () => {
    mkdirSync(join(folder, "cache/igla/corpora"), { recursive: true });
    writeFileSync(cachedPath(), TEXT);
    const env = { XDG_CACHE_HOME: join(folder, "cache"), IGLA_DATA: folder };
    expect((await locateCorpus(request({ env }))).tag.origin).toBe("cache");
    writeFileSync(join(folder, "tinyshakespeare.txt"), TEXT);
    expect((await locateCorpus(request({ env }))).tag.origin).toBe("IGLA_DATA");
  });

  it.skipIf(tinyShakespeareFolder === null)(
    `accepts the real corpus under its pinned hash ${needsTinyShakespeare}`,
    async () => {
      const { catalogue: _, ...rest } = request({ env: { IGLA_DATA: tinyShakespeareFolder ?? "" } });
      const { tag } = await locateCorpus(rest);
      expect(corpusLabel(tag)).toBe("tinyshakespeare 86c4e6aa9db7 ascii");
      expect(tag.bytes).toBe(1_115_394);
    },
  );

  it("finds a file of IGLA_DATA by its bare name, with or without .txt", async () => {
    writeFileSync(join(folder, "mine.txt"), "abc");
    mkdirSync(join(folder, "elsewhere"));
    writeFileSync(join(folder, "elsewhere/raw"), "def");
    const env = { IGLA_DATA: join(folder, "elsewhere") };
    expect((await locateCorpus(request({ corpus: "raw", env }))).tag).toMatchObject({
      name: "raw",
      origin: "IGLA_DATA",
    });
    expect((await locateCorpus(request({ corpus: "mine.txt", env }))).tag.origin).toBe("config path");
  });

  it("uses each platform's cache folder", () => {
    expect(corpusCacheFolder({}, "linux", "/h")).toBe(join("/h", ".cache/igla/corpora"));
    expect(corpusCacheFolder({}, "darwin", "/h")).toBe(join("/h", "Library/Caches/igla/corpora"));
    expect(corpusCacheFolder({ LOCALAPPDATA: "/l" }, "win32", "/h")).toBe(join("/l", "igla/corpora"));
    expect(corpusCacheFolder({ XDG_CACHE_HOME: "/x" }, "darwin", "/h")).toBe(join("/x", "igla/corpora"));
  });
});

describe("what is refused", () => {
  it("a path that does not exist, even when the download would work", async () => {
    const { url } = await serve((incoming, response) => sendWhole(incoming, response));
    const asked = request({ corpus: "./tinyshakespeare.txt", catalogue: [known(url)], standInPath: "/dev/null" });
    await expect(locateCorpus(asked)).rejects.toThrow(code("data.missing-corpus"));
  });

  it("a folder, an empty file and an unknown name", async () => {
    mkdirSync(join(folder, "texts"));
    writeFileSync(join(folder, "empty.txt"), "");
    await expect(locateCorpus(request({ corpus: "./texts" }))).rejects.toThrow(code("data.not-a-file"));
    await expect(locateCorpus(request({ corpus: "empty.txt" }))).rejects.toThrow(code("data.empty-corpus"));
    await expect(locateCorpus(request({ corpus: "tinyshakespear" }))).rejects.toThrow(
      expect.objectContaining({ code: "data.unknown-corpus", wayOut: expect.stringContaining('"tinyshakespeare"') }),
    );
  });

  it("another text under a known name: in IGLA_DATA, in the cache, from the server", async () => {
    const other = Buffer.from(TEXT);
    other[1000] = 33;
    const { url } = await serve((incoming, response) => sendWhole(incoming, response, other));
    const standInPath = findStandIn(import.meta.url);
    const asked = request({ catalogue: [known(url)], standInPath });
    await expect(locateCorpus(asked)).rejects.toThrow(code("data.hash-mismatch"));
    expect(existsSync(`${cachedPath()}.part`)).toBe(false);
    writeFileSync(cachedPath(), other);
    await expect(locateCorpus(asked)).rejects.toThrow(code("data.hash-mismatch"));
    writeFileSync(join(folder, "tinyshakespeare.txt"), other);
    const env = { IGLA_DATA: folder };
    await expect(locateCorpus({ ...asked, env })).rejects.toThrow(code("data.hash-mismatch"));
  });

  it.skipIf(process.getuid?.() === 0 || process.platform === "win32")(
    "a file without read permission (skipped for root and on Windows, where it can be read)",
    async () => {
      writeFileSync(join(folder, "secret.txt"), "abc");
      chmodSync(join(folder, "secret.txt"), 0);
      await expect(locateCorpus(request({ corpus: "secret.txt" }))).rejects.toThrow(code("data.unreadable"));
    },
  );
});

describe("download", () => {
  it("stores the corpus in the cache, with progress, and does not ask again", async () => {
    const { url, ranges } = await serve((incoming, response) => sendWhole(incoming, response));
    const seen: number[] = [];
    const download = { onProgress: (received: number, total: number) => void seen.push(received / total) };
    const found = await locateCorpus(request({ catalogue: [known(url)], download }));
    expect(found.tag.origin).toBe("download");
    expect(Buffer.from(found.bytes).equals(TEXT)).toBe(true);
    expect(seen.at(-1)).toBe(1);
    expect(existsSync(`${cachedPath()}.part`)).toBe(false);
    expect((await locateCorpus(request({ catalogue: [known(url)] }))).tag.origin).toBe("cache");
    expect(ranges).toEqual([undefined]);
  });

  it("takes a broken connection up again where it broke", async () => {
    const { url, ranges } = await serve((incoming, response, turn) =>
      turn === 1 ? sendAndBreak(response, 0, 60_000) : sendWhole(incoming, response),
    );
    const found = await locateCorpus(request({ catalogue: [known(url)] }));
    expect(Buffer.from(found.bytes).equals(TEXT)).toBe(true);
    expect(ranges).toEqual([undefined, "bytes=60000-"]);
  });

  it("keeps the part file after a failure and continues it in the next run", async () => {
    let broken = true;
    const { url, ranges } = await serve((incoming, response, turn) => {
      if (!broken) sendWhole(incoming, response);
      else if (turn === 1) sendAndBreak(response, 0, 70_000);
      else response.writeHead(503).end();
    });
    const corpus = known(url);
    await expect(downloadCorpus(corpus, cachedPath())).rejects.toThrow(
      expect.objectContaining({ code: "data.unavailable", message: expect.stringContaining("503") }),
    );
    expect(readFileSync(`${cachedPath()}.part`).length).toBe(70_000);
    broken = false;
    await downloadCorpus(corpus, cachedPath());
    expect(readFileSync(cachedPath()).equals(TEXT)).toBe(true);
    expect(ranges.at(-1)).toBe("bytes=70000-");
  });

  it("starts over with a server that knows no Range", async () => {
    const { url } = await serve(
      (_, response) => void response.writeHead(200, { "content-length": TEXT.length }).end(TEXT),
    );
    mkdirSync(join(folder, "cache/igla/corpora"), { recursive: true });
    writeFileSync(`${cachedPath()}.part`, TEXT.subarray(0, 5000));
    await downloadCorpus(known(url), cachedPath());
    expect(readFileSync(cachedPath()).equals(TEXT)).toBe(true);
  });

  it.each([
    ["of another text", Buffer.alloc(5000, 35)],
    ["longer than the corpus", Buffer.alloc(TEXT.length + 5, 35)],
    ["of full length but wrong", Buffer.alloc(TEXT.length, 35)],
  ])("recovers from a part file %s", async (_, stale) => {
    const { url } = await serve((incoming, response) => sendWhole(incoming, response));
    mkdirSync(join(folder, "cache/igla/corpora"), { recursive: true });
    writeFileSync(`${cachedPath()}.part`, stale);
    await downloadCorpus(known(url), cachedPath());
    expect(readFileSync(cachedPath()).equals(TEXT)).toBe(true);
  });

  it("gives up on a silent server", async () => {
    const { url } = await serve(() => undefined);
    const startMs = performance.now();
    await expect(downloadCorpus(known(url), cachedPath(), { silenceMs: 300 })).rejects.toThrow(/no answer for 0.3 s/);
    expect(performance.now() - startMs).toBeLessThan(3000);
  });

  it("gives up on a server that falls silent in the middle, and keeps what came", async () => {
    const { url } = await serve((_, response, turn) => {
      if (turn > 1) return;
      response.writeHead(200, { "content-length": TEXT.length }).write(TEXT.subarray(0, 40_000));
    });
    await expect(downloadCorpus(known(url), cachedPath(), { silenceMs: 300 })).rejects.toThrow(
      code("data.unavailable"),
    );
    expect(readFileSync(`${cachedPath()}.part`).length).toBe(40_000);
  });

  it("does not take a proxy's page for the corpus", async () => {
    const page = "<html>sign in</html>";
    const { url } = await serve(
      (_, response) => void response.writeHead(200, { "content-length": page.length }).end(page),
    );
    await expect(downloadCorpus(known(url), cachedPath())).rejects.toThrow(code("data.unavailable"));
  });

  it("survives two downloads at once", async () => {
    const { url } = await serve((incoming, response) => sendWhole(incoming, response));
    await Promise.all([downloadCorpus(known(url), cachedPath()), downloadCorpus(known(url), cachedPath())]);
    expect(readFileSync(cachedPath()).equals(TEXT)).toBe(true);
  });

  it("fails clearly when the cache folder cannot be made", async () => {
    writeFileSync(join(folder, "cache"), "a file where the folder should be");
    await expect(locateCorpus(request())).rejects.toThrow(
      expect.objectContaining({ code: "data.unavailable", message: expect.stringContaining("cache folder") }),
    );
  });
});

describe("offline stand-in", () => {
  const standInPath = findStandIn(import.meta.url);

  it("stands in for the default corpus only, under its own name, with the reasons", async () => {
    expect(standInPath).not.toBeNull();
    const found = await locateCorpus(request({ standInPath }));
    expect(found.tag).toMatchObject({ name: "typescript-lib-dom", origin: "offline stand-in" });
    expect(corpusLabel(found.tag)).toContain("offline stand-in");
    expect(found.reasons).toEqual([
      "IGLA_DATA is not set",
      expect.stringContaining("not in the cache"),
      expect.stringContaining("The download"),
    ]);
    const other = request({ standInPath, corpus: "other", catalogue: [known(NOWHERE, "other")] });
    await expect(locateCorpus(other)).rejects.toThrow(code("data.unavailable"));
  });

  it("passes the leak gate, is the same text every time and long enough to train on", async () => {
    const first = await locateCorpus(request({ standInPath }));
    const second = await locateCorpus(request({ standInPath }));
    expect(second.tag.sha256).toBe(first.tag.sha256);
    expect(first.bytes.length).toBeGreaterThan(250_000);
    for (const split of ["three-way", "nanogpt"] as const) {
      const reports = measureLeaks(first.bytes, splitRanges(split, first.bytes.length));
      expect(reports.every((report) => report.rate64 === 0)).toBe(true);
    }
  });
});
