(** INV-8: before a race starts, only the two ends of a range of learning rates are looked at. That is enough. *)
Require Import Reals Lra.
Open Scope R_scope.

Definition in_band (low high rate : R) : Prop := low <= rate <= high.

Theorem ends_of_a_range_suffice :
  forall low high first last rate : R,
    in_band low high first -> in_band low high last -> first <= rate <= last -> in_band low high rate.
Proof. unfold in_band. intros low high first last rate F L R. lra. Qed.

(** Witness: one end is not enough. *)
Example one_end_is_not_enough : in_band 0.002 0.007 0.002 /\ ~ in_band 0.002 0.007 0.01.
Proof. unfold in_band. lra. Qed.
