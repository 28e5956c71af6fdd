import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { ProofFolder as Checked } from "../../daemon/lsp/proofs/proof-folder.ts";
import type { Prover } from "../../daemon/prover/find-prover.ts";
import { keep, removeFolders } from "./check.ts";
import { needsCoq, ProofFolder, prover } from "./coq.ts";

afterEach(removeFolders);

describe.skipIf(prover === null)(needsCoq("a check under way when flags change"), { timeout: 60_000 }, () => {
  it.each([[false], [true]])("forgotten meanwhile: %s", async (isForgotten) => {
    const folder = new ProofFolder({
      "a.v": "Theorem quick : forall n, n + 0 = n. Proof. induction n; simpl; congruence. Qed.\n",
    });
    keep(folder);
    const checked = new Checked(folder.folder, join(folder.root, "cache"), () => undefined);
    await checked.texts.load();
    checked.setProver(prover as Prover);
    const running = checked.check({ paths: null });
    // By now the check has begun; what it finds was asked with the old flags.
    await new Promise((resolve) => setTimeout(resolve, 100));
    if (isForgotten) checked.forget();
    expect(await running).toBe(1);
    const [theorem] = checked.report().proofFiles[0]?.theorems ?? [];
    expect(theorem?.status).toBe(isForgotten ? null : "Proven");
    await checked.dispose();
  });
});
