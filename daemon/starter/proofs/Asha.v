(** The promotion rule of ASHA: of n finished trials at a rung, the best floor(n / eta) may go on. Lower is better. *)
Require Import Arith List Lia.
Import ListNotations.

(** How many of the results are better. *)
Definition rank (value : nat) (results : list nat) : nat :=
  length (filter (fun other => other <? value) results).

Definition promotable (eta value : nat) (results : list nat) : Prop :=
  rank value results < length results / eta.

(** A rung is full when at least eta trials have finished at it. *)
Theorem best_of_a_full_rung_goes_on :
  forall (eta best : nat) (results : list nat),
    0 < eta -> eta <= length results -> (forall other, In other results -> best <= other) ->
    promotable eta best results.
Proof.
  intros eta best results E F B. unfold promotable.
  assert (R : rank best results = 0).
  { unfold rank. clear F. induction results as [|x rest IH]; [ reflexivity | ].
    simpl. assert (N : (x <? best) = false) by (apply Nat.ltb_ge; apply B; left; reflexivity).
    rewrite N. apply IH. intros other H. apply B. right. exact H. }
  rewrite R. apply Nat.div_str_pos. lia.
Qed.

(** Witness: before the rung is full, not even the best goes on. *)
Example best_waits_in_an_unfilled_rung : ~ promotable 3 1 [1; 2].
Proof. unfold promotable. simpl. lia. Qed.
