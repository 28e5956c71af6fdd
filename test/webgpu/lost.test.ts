/** A device that is lost: `lost` resolves, waiting and later calls reject with a code, nothing hangs. */
import { describe, expect, test } from "vitest";
import type { Program } from "../../daemon/engine/program.ts";
import { DeviceGuard } from "../../daemon/engine/webgpu/device.ts";
import { available, openTestBackend, openWithDevice, titled } from "./adapter.ts";

const N = 1 << 20;
const view = (buffer: number) => ({ buffer, offset: 0 });
const program: Program = {
  buffers: [
    { name: "x", dtype: "f32", length: N, shared: false },
    { name: "y", dtype: "f32", length: N, shared: false },
  ],
  sections: { main: [{ kernel: "axpy", buffers: { x: view(0), y: view(1) }, params: { n: N, alpha: 1 } }] },
};

test("a wait ends with the device even where the driver never answers", async () => {
  let lose: (info: { message: string }) => void = () => undefined;
  const device = { lost: new Promise((resolve) => (lose = resolve)) } as unknown as GPUDevice;
  const guard = new DeviceGuard(device);
  const waiting = guard.until(new Promise(() => undefined));
  lose({ message: "unplugged" });
  await expect(waiting).rejects.toMatchObject({ code: "engine.device-lost", message: "Device lost: unplugged" });
  expect(await guard.lost).toEqual({ reason: "unplugged" });
});

test("an error that no call caught is reported by the next call", () => {
  const device = { lost: new Promise(() => undefined) } as unknown as GPUDevice;
  const guard = new DeviceGuard(device);
  device.onuncapturederror?.({ error: { message: "bad binding" } } as GPUUncapturedErrorEvent);
  expect(() => guard.check()).toThrow("bad binding");
});

describe.skipIf(!available)(titled("a lost device"), () => {
  test("rejects the pending call, resolves `lost`, refuses later calls", async () => {
    const { backend, device } = await openWithDevice();
    const executable = await backend.compile(program, 1);
    const running = executable.run("main", 2000, 1);
    const outcome = expect(running).rejects.toMatchObject({ code: "engine.device-lost" });
    await new Promise((resolve) => setTimeout(resolve, 20));
    device.destroy();
    await outcome;
    expect((await backend.lost).reason).toBeTruthy();
    const code = { code: "engine.device-lost" };
    await expect(executable.run("main", 1, 1)).rejects.toMatchObject(code);
    await expect(executable.read(0, 0)).rejects.toMatchObject(code);
    await expect(executable.write(0, 0, new Float32Array(1))).rejects.toMatchObject(code);
    await expect(backend.compile(program, 1)).rejects.toMatchObject(code);
    await backend.dispose();
  });

  test("closing the backend oneself is no loss", async () => {
    const backend = await openTestBackend();
    let lost = false;
    backend.lost.then(() => {
      lost = true;
    });
    await backend.dispose();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(lost).toBe(false);
  });
});
