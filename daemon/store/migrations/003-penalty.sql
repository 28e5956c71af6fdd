-- Trials of a race that breaks an invariant with a hard penalty rank behind those of all other races.
alter table races add column penalised integer not null default 0;

drop view leaderboard;

create view leaderboard as
select
  row_number() over (
    partition by json_extract(races.corpus, '$.sha256'), trials.split, rung_results.protocol
    order by races.penalised, rung_results.val_bpb, races.number, trials.number
  ) as rank,
  trials.trial_id,
  trials.race_id,
  races.number as race_number,
  races.penalised,
  trials.number as trial_number,
  trials.status,
  trials.point,
  trials.seed,
  trials.split,
  races.corpus,
  rung_results.rung,
  rung_results.step,
  rung_results.val_bpb,
  rung_results.protocol
from rung_results
join trials on trials.trial_id = rung_results.trial_id
join races on races.race_id = trials.race_id
where rung_results.kind = 'finished'
  and rung_results.rung = (
    select max(deepest.rung) from rung_results as deepest
    where deepest.trial_id = rung_results.trial_id and deepest.kind = 'finished'
  )
order by races.penalised, rung_results.val_bpb, races.number, trials.number;
