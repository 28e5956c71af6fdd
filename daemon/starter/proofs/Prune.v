(** INV-2: a trial is killed only above the threshold and only after the warm-up. Values in thousandths of a bit per byte. *)
Require Import NArith Lia.
Open Scope N_scope.

Definition threshold : N := 3500.
Definition warmup : N := 4000.

Definition kills (step bpb : N) : bool := (warmup <? step) && (threshold <? bpb).

Theorem warmup_spares_every_trial : forall step bpb : N, step <= warmup -> kills step bpb = false.
Proof. intros step bpb H. unfold kills. apply N.ltb_ge in H. rewrite H. reflexivity. Qed.

Theorem only_bad_trials_are_killed : forall step bpb : N, kills step bpb = true -> threshold < bpb.
Proof.
  intros step bpb H. unfold kills in H. apply andb_prop in H. destruct H as [_ H].
  apply N.ltb_lt. exact H.
Qed.

(** Witness: the rule does kill, one step later and a thousandth above. *)
Example it_kills : kills 4001 3501 = true.
Proof. reflexivity. Qed.
