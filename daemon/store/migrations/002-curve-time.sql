-- When a curve point was recorded: the time of its event, in milliseconds since 1970.
alter table curve_points add column at integer not null default 0;

update curve_points
set at = recorded.at
from (
  select events.at, json_extract(point.value, '$.trialId') as trial_id, json_extract(point.value, '$.step') as step
  from events, json_each(events.body, '$.points') as point
  where events.kind = 'curve'
) as recorded
where recorded.trial_id = curve_points.trial_id and recorded.step = curve_points.step;
