/** Who gets in: the daemon's socket against everything that is not a client of the same user. */
import { statSync } from "node:fs";
import { get, type IncomingMessage, request } from "node:http";
import { connect } from "node:net";
import { networkInterfaces } from "node:os";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { WebSocket } from "ws";
import { daemonStatus, startRace } from "../../daemon/protocol/requests.ts";
import { DaemonClient } from "../../daemon/rpc/client.ts";
import { daemonFilePath } from "../../daemon/rpc/daemon-file.ts";
import { maxRequestBytes } from "../../daemon/rpc/transport.ts";
import { type DaemonBench, openDaemon } from "../fixtures/daemon-bench.ts";

let bench: DaemonBench;
beforeAll(async () => {
  bench = await openDaemon({ allowedOrigins: ["vscode-webview://igla"] });
});
afterAll(() => bench.close());

interface Attempt {
  readonly headers?: Record<string, string | undefined>;
  readonly path?: string;
}

/** Status of an upgrade; 101 when it was accepted. */
function upgrade({ headers = {}, path = "/" }: Attempt = {}): Promise<{ status: number; body: string }> {
  const { port, token } = bench.daemon.file;
  const all: Record<string, string | undefined> = {
    host: `127.0.0.1:${port}`,
    authorization: `Bearer ${token}`,
    connection: "Upgrade",
    upgrade: "websocket",
    "sec-websocket-version": "13",
    "sec-websocket-key": Buffer.from("0123456789abcdef").toString("base64"),
    "sec-websocket-protocol": "igla.v1",
    ...headers,
  };
  const given = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
  return new Promise((resolve, reject) => {
    const attempt = request({ host: "127.0.0.1", port, path, headers: given as Record<string, string> });
    attempt.on("upgrade", (response, socket) => {
      socket.destroy();
      resolve({ status: response.statusCode ?? 0, body: "" });
    });
    attempt.on("response", async (response: IncomingMessage) => {
      let body = "";
      for await (const chunk of response) body += String(chunk);
      resolve({ status: response.statusCode ?? 0, body });
    });
    attempt.on("error", reject).end();
  });
}

describe("the upgrade", () => {
  test("is accepted with token, exact Host and protocol", async () => {
    expect((await upgrade()).status).toBe(101);
  });

  test.each([
    ["no token", { authorization: undefined }, 401],
    ["a wrong token", { authorization: `Bearer ${"0".repeat(64)}` }, 401],
    ["a prefix of the token", { authorization: "Bearer " }, 401],
    ["the token without its scheme", { authorization: "0" }, 401],
    ["a foreign Origin", { origin: "https://example.com" }, 403],
    ["the Origin of a page on this machine", { origin: "http://127.0.0.1" }, 403],
    ["the Origin `null`", { origin: "null" }, 403],
    ["a foreign Host", { host: "example.com" }, 403],
    ["a Host without the port", { host: "127.0.0.1" }, 403],
    ["a Host that also points here", { host: "localhost:1" }, 403],
    ["no protocol", { "sec-websocket-protocol": undefined }, 426],
    ["another major version", { "sec-websocket-protocol": "igla.v2" }, 426],
  ])("with %s is refused", async (_name, headers, status) => {
    expect((await upgrade({ headers })).status).toBe(status);
  });

  test("with the true token but a foreign Host or Origin is refused all the same", async () => {
    expect((await upgrade({ headers: { host: `evil.test:${bench.daemon.file.port}` } })).status).toBe(403);
    expect((await upgrade({ headers: { origin: "https://evil.test" } })).status).toBe(403);
  });

  test("with an allowed Origin is accepted", async () => {
    expect((await upgrade({ headers: { origin: "vscode-webview://igla" } })).status).toBe(101);
  });

  test("on another path is refused", async () => {
    expect((await upgrade({ path: "/x" })).status).toBe(404);
  });

  test("says which version the daemon speaks", async () => {
    const { body } = await upgrade({ headers: { "sec-websocket-protocol": "igla.v9" } });
    expect(body).toContain("1.0");
  });
});

describe("the port", () => {
  test("answers plain requests with nothing", async () => {
    const response = await new Promise<IncomingMessage>((resolve) => {
      get({ host: "127.0.0.1", port: bench.daemon.file.port, path: "/" }, resolve);
    });
    response.resume();
    expect(response.statusCode).toBe(404);
    expect(response.headers.server).toBeUndefined();
  });

  const outside = Object.values(networkInterfaces())
    .flat()
    .find((one) => one !== undefined && !one.internal && one.family === "IPv4")?.address;

  test.skipIf(outside === undefined)(
    `is closed on other addresses${outside === undefined ? " (skipped: this machine has only a loopback)" : ""}`,
    async () => {
      const code = await new Promise((resolve) => {
        const socket = connect({ host: outside ?? "", port: bench.daemon.file.port });
        socket
          .on("connect", () => resolve("connected"))
          .on("error", (error: NodeJS.ErrnoException) => resolve(error.code));
      });
      expect(code).toBe("ECONNREFUSED");
    },
  );

  test.skipIf(process.platform === "win32")("stands in a file that only this user can read", () => {
    expect(statSync(daemonFilePath(bench.workspace)).mode & 0o777).toBe(0o600);
    expect(bench.daemon.file.token).toMatch(/^[0-9a-f]{64}$/);
  });
});

describe("the number of clients", () => {
  test("is limited to 64; one that leaves makes room", async () => {
    const own = await openDaemon();
    try {
      const leaving = await DaemonClient.connect(own.workspace, { reconnectMs: 0 });
      for (let clients = 2; clients < 64; clients++) await own.connect();
      expect((await own.client.request(daemonStatus, {})).clients).toBe(64);
      await expect(own.connect()).rejects.toMatchObject({ code: "connection.refused" });
      await leaving.close();
      await vi.waitFor(() => own.connect());
    } finally {
      await own.close();
    }
  });
});

describe("a client that misbehaves", () => {
  function open(): Promise<WebSocket> {
    const { port, token } = bench.daemon.file;
    const socket = new WebSocket(`ws://127.0.0.1:${port}/`, ["igla.v1"], {
      headers: { authorization: `Bearer ${token}` },
    });
    return new Promise((resolve, reject) => {
      socket.once("open", () => resolve(socket)).once("error", reject);
    });
  }
  const closeCode = (socket: WebSocket) => new Promise<number>((resolve) => socket.once("close", resolve));

  test.each([
    ["text that is not JSON", "hello", 1007],
    ["JSON that is not JSON-RPC", '{"method":"race/list"}', 1007],
    ["binary frames", Buffer.from('{"jsonrpc":"2.0","id":1,"method":"race/list"}'), 1007],
    ["a message above the limit", "x".repeat(maxRequestBytes + 1), 1009],
  ])("by sending %s is shown out", async (_name, message, code) => {
    const socket = await open();
    const closed = closeCode(socket);
    socket.send(message);
    expect(await closed).toBe(code);
  });

  test("does not disturb the others", async () => {
    const socket = await open();
    socket.send("hello");
    await closeCode(socket);
    expect((await upgrade()).status).toBe(101);
  });

  test("gets a coded error for what it cannot even send", async () => {
    const configText = "x".repeat(maxRequestBytes);
    const asked = bench.client.request(startRace, { configText, path: "/x" });
    await expect(asked).rejects.toMatchObject({ code: "protocol.too-large" });
  });

  test("gets an error for an unknown method", async () => {
    const socket = await open();
    const answer = new Promise((resolve) => socket.once("message", (data) => resolve(JSON.parse(String(data)))));
    socket.send('{"jsonrpc":"2.0","id":1,"method":"race/unknown","params":{}}');
    expect(await answer).toMatchObject({ id: 1, error: { code: -32601 } });
    socket.close();
  });
});
