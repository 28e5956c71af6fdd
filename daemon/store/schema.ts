/** The tables as kysely sees them. Columns named `body`, `point`, `spec`, `corpus` hold JSON text. */
import type { Generated } from "kysely";

export interface Tables {
  events: { seq: Generated<number>; race_id: string; at: number; kind: string; body: string };
  races: {
    race_id: string;
    number: number;
    name: string;
    path: string;
    config_text: string;
    config_hash: string;
    status: string;
    reason: string;
    created_at: number;
    trained_steps: number;
    corpus: string | null;
    /** 1 for a race that breaks an invariant with a hard penalty. */
    penalised: number;
  };
  trials: {
    trial_id: string;
    race_id: string;
    number: number;
    point: string;
    spec: string;
    spec_hash: string;
    split: string;
    seed: number;
    status: string;
  };
  rung_results: {
    trial_id: string;
    rung: number;
    step: number;
    arrival: number;
    kind: string;
    val_bpb: number | null;
    nll_nats: number | null;
    bytes: number | null;
    protocol: string | null;
  };
  curve_points: {
    trial_id: string;
    step: number;
    loss_nats: number | null;
    grad_norm: number | null;
    at: number;
  };
  checkpoints: { file: string; trial_id: string; step: number; sha256: string; bytes: number };
  leaderboard: {
    rank: number;
    trial_id: string;
    race_id: string;
    race_number: number;
    penalised: number;
    trial_number: number;
    status: string;
    point: string;
    seed: number;
    split: string;
    corpus: string | null;
    rung: number;
    step: number;
    val_bpb: number;
    protocol: string;
  };
}
