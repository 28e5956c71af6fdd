import type { RunnerContext } from "./context.ts";
import { neededFiles } from "./retention.ts";

/** Releases the checkpoints of a race that nothing needs any more, then deletes their files. */
export async function collectGarbage(raceId: string, { store, files }: RunnerContext): Promise<void> {
  const events = await store.append(raceId, async ({ state, trx }) => {
    const needed = neededFiles(state);
    const rows = await trx
      .selectFrom("checkpoints")
      .innerJoin("trials", "trials.trial_id", "checkpoints.trial_id")
      .select("checkpoints.file")
      .where("trials.race_id", "=", raceId)
      .orderBy("checkpoints.file")
      .execute();
    const released = rows.map(({ file }) => file).filter((file) => !needed.has(file));
    return released.length === 0 ? [] : [{ kind: "checkpoints-released", reason: "not-needed", files: released }];
  });
  await files.remove(events.flatMap((event) => (event.kind === "checkpoints-released" ? event.files : [])));
}
