-- The event log is the source of truth; the other tables are projections of it, written in the same transaction.
create table events (
  seq integer primary key autoincrement,
  race_id text not null,
  at integer not null,
  kind text not null,
  body text not null
) strict;
create index events_by_race on events (race_id, seq);

create table races (
  race_id text primary key,
  number integer not null unique,
  name text not null,
  path text not null,
  config_text text not null,
  config_hash text not null,
  status text not null,
  reason text not null,
  created_at integer not null,
  trained_steps integer not null,
  corpus text
) strict;

create table trials (
  trial_id text primary key,
  race_id text not null references races (race_id),
  number integer not null,
  point text not null,
  spec text not null,
  spec_hash text not null,
  split text not null,
  seed integer not null,
  status text not null,
  unique (race_id, number)
) strict;

create table rung_results (
  trial_id text not null references trials (trial_id),
  rung integer not null,
  step integer not null,
  arrival integer not null,
  kind text not null,
  val_bpb real,
  nll_nats real,
  bytes integer,
  protocol text,
  primary key (trial_id, rung)
) strict;

create table curve_points (
  trial_id text not null references trials (trial_id),
  step integer not null,
  loss_nats real,
  grad_norm real,
  primary key (trial_id, step)
) strict, without rowid;

create table checkpoints (
  file text primary key,
  trial_id text not null references trials (trial_id),
  step integer not null,
  sha256 text not null,
  bytes integer not null
) strict;
create index checkpoints_by_trial on checkpoints (trial_id, step);

-- The last evaluation of each trial. Only rows of one corpus, split and protocol may be compared: rank counts among those.
create view leaderboard as
select
  row_number() over (
    partition by json_extract(races.corpus, '$.sha256'), trials.split, rung_results.protocol
    order by rung_results.val_bpb, races.number, trials.number
  ) as rank,
  trials.trial_id,
  trials.race_id,
  races.number as race_number,
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
order by rung_results.val_bpb, races.number, trials.number;
