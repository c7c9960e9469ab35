-- after senders and stat were killed together, what was only set aside stood as spent, and limits seemed to have been passed

alter table nms_stat_spent add column set_aside integer not null default 0;
comment on column nms_stat_spent.set_aside is 'Messages, of those, that were not granted yet when this was written: they count, and may never have left';

alter table nms_warm_up_day add column set_aside bigint not null default 0;
comment on column nms_warm_up_day.set_aside is 'Messages, of those, that were not granted yet when this was written';
