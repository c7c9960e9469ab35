-- whether any host sends for an affinity can only be told when each says which ones it declares; who grants permits, and what it may grant, must stand where the next one finds it

alter table xtk_host add column affinities text not null default '';
comment on column xtk_host.affinities is 'IP affinities that mta declares there, separated by ;';

create table nms_stat_holder (
  is_only boolean not null default true primary key,
  holder text not null,
  place text not null,
  since timestamptz not null default now()
);
comment on column nms_stat_holder.holder is 'The run of stat that grants: no other writes what is granted';
comment on column nms_stat_holder.place is 'Its process: boot of the host, pid namespace, pid, start';

alter table nms_stat_spent add column under_way integer not null default 0;
comment on column nms_stat_spent.messages is 'Those granted, and those that may be granted without a further write';
comment on column nms_stat_spent.under_way is 'Messages, of those, that may not have come to their end: they count in the slice in which they do';
