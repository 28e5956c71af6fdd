/** Entry of the trainer process: one backend, commands in and events out over Node's IPC channel. */
import { parseArgs } from "node:util";
import { locateCorpus } from "../data/locate.ts";
import { findStandIn } from "../data/stand-in.ts";
import { EngineError } from "../engine/error.ts";
import { codeVersion } from "../version.ts";
import type { TrainerCommand, TrainerEvent } from "./messages.ts";
import { openBackend } from "./open-backend.ts";
import { Trainer } from "./trainer.ts";

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { checkpoints: { type: "string" }, backend: { type: "string" } } });
  if (!process.send || !values.checkpoints) {
    throw new EngineError(
      "engine.bad-shape",
      "The trainer is started by the daemon, with --checkpoints and an IPC channel.",
    );
  }
  // The daemon is gone: nobody would read the results, and the next trainer repeats them exactly.
  process.on("disconnect", () => process.exit(0));
  const emit = (event: TrainerEvent): void => {
    if (process.connected) process.send?.(event);
  };
  const backend = await openBackend(values.backend ?? "auto");
  const trainer = new Trainer({
    backend,
    checkpointFolder: values.checkpoints,
    codeVersion,
    emit,
    now: () => performance.now(),
    locate: (corpus, raceFolder, alive) =>
      locateCorpus({
        corpus,
        raceFolder,
        env: process.env,
        platform: process.platform,
        standInPath: findStandIn(import.meta.url),
        download: { onProgress: alive },
      }),
  });
  void backend.lost.then(({ reason }) => {
    console.error(`The compute device was lost: ${reason}`);
    process.exitCode = 1;
    // Let the failure of the running group reach the daemon first.
    setTimeout(() => process.exit(1), 500).unref();
  });
  process.on("message", (command: TrainerCommand) => {
    void trainer.handle(command).then(async () => {
      if (command.kind !== "shutdown") return;
      await backend.dispose();
      process.disconnect();
    });
  });
}

main().catch((error: unknown) => {
  console.error(error instanceof EngineError ? `${error.code}: ${error.message}` : error);
  process.exit(1);
});
