(** INV-5, INV-2: the golden ratio. phi^2 + phi^-2 = 3, and the Lucas numbers of even index are whole. *)
Require Import Reals Lra Lia.
Open Scope R_scope.

Definition phi : R := (1 + sqrt 5) / 2.

Lemma root_five : sqrt 5 * sqrt 5 = 5.
Proof. apply sqrt_sqrt. lra. Qed.

Lemma phi_positive : 0 < phi.
Proof. unfold phi. assert (0 <= sqrt 5) by apply sqrt_pos. lra. Qed.

Lemma phi_squared : phi ^ 2 = phi + 1.
Proof. unfold phi. assert (H := root_five). nra. Qed.

Lemma phi_inverse : / phi = phi - 1.
Proof.
  assert (P := phi_positive). assert (S := phi_squared).
  apply Rmult_eq_reg_l with phi; [ | lra ].
  rewrite Rinv_r by lra. simpl in S. lra.
Qed.

(** phi^2n + phi^-2n. *)
Definition lucas (n : nat) : R := (phi ^ 2) ^ n + (/ phi ^ 2) ^ n.

Theorem trinity_identity : phi ^ 2 + / phi ^ 2 = 3.
Proof.
  assert (P := phi_positive). assert (S := phi_squared). assert (I := phi_inverse).
  replace (/ phi ^ 2) with (/ phi * / phi) by (field; lra).
  rewrite I. simpl in *. lra.
Qed.

Theorem lucas_recurrence : forall n : nat, lucas (S (S n)) = 3 * lucas (S n) - lucas n.
Proof.
  intro n. unfold lucas. assert (P := phi_positive). assert (T := trinity_identity).
  assert (U : phi ^ 2 * / phi ^ 2 = 1) by (field; lra).
  set (a := phi ^ 2) in *. set (b := / a) in *.
  assert (A : a * a = 3 * a - 1) by nra.
  assert (B : b * b = 3 * b - 1) by nra.
  change (a * (a * a ^ n) + b * (b * b ^ n) = 3 * (a * a ^ n + b * b ^ n) - (a ^ n + b ^ n)).
  replace (a * (a * a ^ n)) with (a * a * a ^ n) by ring.
  replace (b * (b * b ^ n)) with (b * b * b ^ n) by ring.
  rewrite A, B. ring.
Qed.

Theorem lucas_is_whole : forall n : nat, exists z : Z, lucas n = IZR z.
Proof.
  assert (H : forall n : nat, (exists z, lucas n = IZR z) /\ (exists z, lucas (S n) = IZR z)).
  { induction n as [|n [[x X] [y Y]]].
    - split.
      + exists 2%Z. unfold lucas. simpl. lra.
      + exists 3%Z. unfold lucas. rewrite !pow_1. exact trinity_identity.
    - split; [ exists y; exact Y | ].
      exists (3 * y - x)%Z. rewrite lucas_recurrence, X, Y, minus_IZR, mult_IZR. reflexivity. }
  intro n. exact (proj1 (H n)).
Qed.

(** INV-2: where the threshold of the prune rule comes from. *)
Theorem prune_threshold : phi ^ 2 + / phi ^ 2 + 0.5 = 3.5.
Proof. rewrite trinity_identity. lra. Qed.

(** Witness: the ratio itself is not whole; only the sum of the two powers is. *)
Example phi_is_between : 1 < phi < 2.
Proof.
  assert (H := root_five). assert (0 <= sqrt 5) by apply sqrt_pos.
  unfold phi. split; nra.
Qed.
