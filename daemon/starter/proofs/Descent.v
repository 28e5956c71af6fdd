(** INV-1: a small enough step along a real gradient lowers a smooth loss. Stated for one dimension, and not proven yet. *)
Require Import Reals Lra.
Open Scope R_scope.

Definition step (lr : R) (slope : R -> R) (x : R) : R := x - lr * slope x.

Theorem descent :
  forall (loss slope : R -> R) (smoothness lr : R),
    0 < smoothness -> 0 < lr < 2 / smoothness ->
    (forall x : R, derivable_pt_lim loss x (slope x)) ->
    (forall x y : R, Rabs (slope x - slope y) <= smoothness * Rabs (x - y)) ->
    forall x : R, slope x <> 0 -> loss (step lr slope x) < loss x.
Proof.
Admitted.

(** Witness: with a step beyond the bound the parabola x^2, whose smoothness is 2, climbs. *)
Example a_step_too_long_climbs : (step 1.5 (fun x => 2 * x) 1) ^ 2 > 1 ^ 2.
Proof. unfold step. simpl. lra. Qed.
