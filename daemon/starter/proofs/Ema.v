(** INV-6: an exponential moving average with a decay in [0, 1] never leaves the range of what it averages. *)
Require Import Reals Lra.
Open Scope R_scope.

Definition ema (decay average value : R) : R := decay * average + (1 - decay) * value.

Theorem ema_stays_between :
  forall decay average value low high : R,
    0 <= decay <= 1 -> low <= average <= high -> low <= value <= high ->
    low <= ema decay average value <= high.
Proof. intros d a v l h D A V. unfold ema. split; nra. Qed.

(** Witness: a decay above 1 overshoots. *)
Example a_decay_above_one_overshoots : ema 1.1 1 0 > 1.
Proof. unfold ema. lra. Qed.
