/** One press of Ctrl-C counts once, however many signals it makes. */
import { EventEmitter } from "node:events";
import { expect, it } from "vitest";
import { Interrupts } from "../../daemon/cli/interrupts.ts";

it("takes signals in quick succession for one press", async () => {
  const source = new EventEmitter();
  let nowMs = 1000;
  const counts: number[] = [];
  await new Interrupts(source, () => nowMs).during(
    (count) => counts.push(count),
    async () => {
      source.emit("SIGINT");
      nowMs += 5;
      source.emit("SIGINT");
      nowMs += 900;
      source.emit("SIGINT");
    },
  );
  expect(counts).toEqual([1, 2]);
  expect(source.listenerCount("SIGINT")).toBe(0);
});
