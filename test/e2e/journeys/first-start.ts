import { describe, expect, it } from "vitest";
import type { Bench } from "../bench.ts";

export function firstStart(bench: () => Bench): void {
  describe("first start", () => {
    it("shows the container in the activity bar", async () => {
      const window = await bench().open(bench().workspace("first"));
      await window.container("Igla");
      await window.button("Start seed").waitFor();
      await window.picture("welcome");
      expect(await window.notifications.count()).toBe(0);
    });
  });
}
