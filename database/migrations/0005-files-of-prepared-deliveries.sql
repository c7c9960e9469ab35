-- a file that is changed or deleted after a delivery was prepared must not change its mails

alter table nms_delivery add column included_files jsonb;
comment on column nms_delivery.included_files is 'MD5 of each file by its internal name, as they were when it was prepared; null = prepared before files were kept';

create table nms_delivery_file (
  delivery_id bigint not null,
  internal_name text not null,
  md5 text not null,
  file_name text not null default '',
  content_type text not null default '',
  content bytea not null,
  primary key (delivery_id, internal_name)
);
