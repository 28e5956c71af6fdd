(** INV-7: the gate of three seeds. A row is a seed and its result in thousandths of a bit per byte. *)
Require Import Arith List Lia.
Import ListNotations.

Definition row : Type := (nat * nat)%type.

Definition seeds_below (target : nat) (rows : list row) : list nat :=
  nodup Nat.eq_dec (map fst (filter (fun r => snd r <? target) rows)).

Definition victory (target : nat) (rows : list row) : Prop := 3 <= length (seeds_below target rows).

Theorem victory_needs_three_seeds :
  forall (target : nat) (rows : list row), victory target rows ->
    exists a b c : nat, a <> b /\ b <> c /\ a <> c /\
      forall s : nat, s = a \/ s = b \/ s = c -> exists bpb : nat, In (s, bpb) rows /\ bpb < target.
Proof.
  intros target rows V. unfold victory in V.
  assert (D : NoDup (seeds_below target rows)) by apply NoDup_nodup.
  assert (M : forall s, In s (seeds_below target rows) -> exists bpb, In (s, bpb) rows /\ bpb < target).
  { intros s H. unfold seeds_below in H. apply nodup_In, in_map_iff in H.
    destruct H as [[s' bpb] [E H]]. simpl in E. subst s'. apply filter_In in H. destruct H as [I L].
    exists bpb. split; [ exact I | apply Nat.ltb_lt; exact L ]. }
  destruct (seeds_below target rows) as [|a [|b [|c rest]]]; simpl in V; try lia.
  exists a, b, c.
  inversion D as [|? ? A D']. inversion D' as [|? ? B _]. simpl in A, B.
  repeat split; try (intro; subst; tauto).
  intros s [->|[->| ->]]; apply M; simpl; tauto.
Qed.

(** Witness: one seed, three times, is one seed. *)
Example a_repeated_seed_is_no_victory : ~ victory 1500 [(43, 1400); (43, 1401); (43, 1402)].
Proof. unfold victory. simpl. lia. Qed.
