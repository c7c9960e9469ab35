-- a part's rows are all updated in one transaction, so that no page is pruned in between: only half a page of room lets
-- each of them stay in its page, without a new entry in each index

do $$
declare
  partition regclass;
begin
  for partition in select inhrelid from pg_inherits where inhparent = 'nms_broad_log'::regclass loop
    execute format('alter table %s set (fillfactor = 50)', partition);
  end loop;
end
$$;
