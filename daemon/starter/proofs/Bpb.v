(** Bits per byte: the summed negative log likelihood in nats over ln 2 and the number of scored bytes. *)
Require Import Reals Lra.
Open Scope R_scope.

Definition bpb (nats bytes : R) : R := nats / (ln 2 * bytes).

Lemma ln_two_positive : 0 < ln 2.
Proof. rewrite <- ln_1. apply ln_increasing; lra. Qed.

(** A model that knows nothing needs 8 bits for each byte. *)
Theorem uniform_costs_eight_bits : forall bytes : R, 0 < bytes -> bpb (bytes * ln 256) bytes = 8.
Proof.
  intros bytes H. assert (L := ln_two_positive). unfold bpb.
  replace 256 with (2 ^ 8) by lra. rewrite ln_pow by lra.
  rewrite INR_IZR_INZ. simpl. field. lra.
Qed.

Theorem fewer_nats_are_fewer_bits :
  forall a b bytes : R, 0 < bytes -> a < b -> bpb a bytes < bpb b bytes.
Proof.
  intros a b bytes H L. assert (T := ln_two_positive). unfold bpb, Rdiv.
  apply Rmult_lt_compat_r; [ | exact L ].
  apply Rinv_0_lt_compat, Rmult_lt_0_compat; assumption.
Qed.

(** Witness: to count tokens of two bytes as if they were bytes doubles the figure. *)
Example per_token_is_another_number :
  forall nats bytes : R, 0 < bytes -> bpb nats (bytes / 2) = 2 * bpb nats bytes.
Proof. intros nats bytes H. assert (L := ln_two_positive). unfold bpb. field. lra. Qed.
