(** INV-10, INV-12: the rungs of the preset `trinity` are 1000 x 3^k training steps. *)
Require Import NArith List Lia.
Import ListNotations.
Open Scope N_scope.

Definition rung (k : N) : N := 1000 * 3 ^ k.

(** What daemon/search writes down as a list. *)
Definition trinity : list N := [1000; 3000; 9000; 27000].

Theorem ladder_is_geometric : forall k : N, rung (k + 1) = 3 * rung k.
Proof. intro k. unfold rung. rewrite N.add_1_r, N.pow_succ_r'. lia. Qed.

Theorem trinity_is_the_ladder :
  forall (i : nat) (steps : N), nth_error trinity i = Some steps -> steps = rung (N.of_nat i).
Proof.
  intros i steps H.
  do 4 (destruct i as [|i]; [ simpl in H; injection H as <-; reflexivity | ]).
  simpl in H. destruct i; discriminate.
Qed.

(** Witness: a ladder with a factor of 5 between its first rungs, such as `hunt`, does not pass. *)
Example hunt_is_not_geometric : 500 <> 3 * 100.
Proof. discriminate. Qed.
