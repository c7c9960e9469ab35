/** Reads PostgreSQL's catalog. */

import { sql } from "#foundation/sql.ts";

import type { Statements } from "#foundation/database.ts";

import type { CatalogColumn, CatalogTable } from "./catalog.ts";

/**
 * All ordinary and partitioned tables of a PostgreSQL schema, by name; work tables (`wkf12_1043`) and partitions that
 * are no default partition belong to running work and are left out.
 */
export async function readCatalog(db: Statements, namespace = "public"): Promise<CatalogTable[]> {
  return db.rows(parseTable)`
    select c.relname as name,
           obj_description(c.oid, 'pg_class') as comment,
           case when c.relkind = 'p' then pg_get_partkeydef(c.oid) end as partition_key,
           (select json_build_object('name', p.relname, 'options', array_to_string(p.reloptions, ', '))
              from pg_partitioned_table d join pg_class p on p.oid = d.partdefid where d.partrelid = c.oid) as default_partition,
           (select json_agg(json_build_object(
                     'name', a.attname,
                     'type', format_type(a.atttypid, a.atttypmod),
                     'isNullable', not a.attnotnull,
                     'expression', pg_get_expr(d.adbin, d.adrelid),
                     'isGenerated', a.attgenerated <> '',
                     'identity', (select json_build_object('start', s.seqstart, 'cache', s.seqcache)
                                    from pg_sequence s
                                   where a.attidentity <> ''
                                     and s.seqrelid = pg_get_serial_sequence(quote_ident(${namespace}::text) || '.' || quote_ident(c.relname), a.attname)::regclass),
                     'comment', col_description(c.oid, a.attnum)) order by a.attnum)
              from pg_attribute a left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
             where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped) as columns,
           (select json_agg(json_build_object('name', k.conname, 'definition', pg_get_constraintdef(k.oid)) order by k.contype desc, k.conname)
              from pg_constraint k where k.conrelid = c.oid and k.contype in ('p', 'u', 'c', 'f')) as constraints,
           (select json_agg(json_build_object('name', i.relname, 'definition', pg_get_indexdef(i.oid), 'comment', obj_description(i.oid, 'pg_class')) order by i.relname)
              from pg_index x join pg_class i on i.oid = x.indexrelid
             where x.indrelid = c.oid and not exists (select from pg_constraint k where k.conindid = i.oid)) as indexes
      from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where n.nspname = ${namespace} and c.relkind in ('r', 'p') and not c.relispartition
       and c.relname !~ '^wkf[0-9]+_[0-9]+$'
     order by c.relname`;
}

/** What tables rely on and no table owns, as the statements that make it: extensions, and sequences for ids of any kind. */
export async function readFoundations(db: Statements): Promise<string[]> {
  return db.rows((row) => (row as { statement: string }).statement)`
    select format('create extension if not exists %I', extname) as statement
      from pg_extension where extname <> 'plpgsql'
    union all
    select format('create sequence %I start %s', c.relname, s.seqstart)
      from pg_sequence s join pg_class c on c.oid = s.seqrelid
     where c.relnamespace = 'public'::regnamespace
       and not exists (select from pg_depend d where d.objid = c.oid and d.deptype in ('a', 'i'))
     order by statement`;
}

/**
 * Creates an empty PostgreSQL schema, and makes it the one that names without a schema mean until the transaction ends;
 * what extensions brought is still found.
 */
export async function enterNewNamespace(tx: Statements, namespace: string): Promise<void> {
  await tx.run`create schema ${sql.id(namespace)}`;
  await tx.run`set local search_path to ${sql.id(namespace)}, public`;
}

/** Removes a PostgreSQL schema and all that is in it; names mean again what they meant outside of this transaction. */
export async function dropNamespace(tx: Statements, namespace: string): Promise<void> {
  await tx.run`drop schema ${sql.id(namespace)} cascade`;
  await tx.run`select set_config('search_path', reset_val, true) from pg_settings where name = 'search_path'`;
}

/** Runs one statement that was written by `schema-to-sql`. */
export async function runDefinition(tx: Statements, statement: string): Promise<void> {
  await tx.run`${sql.raw(statement)}`;
}

type TableRow = {
  name: string;
  comment: string | null;
  partition_key: string | null;
  default_partition: { name: string; options: string | null } | null;
  columns: readonly ColumnRow[] | null;
  constraints: CatalogTable["constraints"] | null;
  indexes: readonly { readonly name: string; readonly definition: string; readonly comment: string | null }[] | null;
};

type ColumnRow = {
  name: string;
  type: string;
  isNullable: boolean;
  expression: string | null;
  isGenerated: boolean;
  identity: { start: number; cache: number } | null;
  comment: string | null;
};

/** The catalog's own shape is PostgreSQL's promise; what it may leave out becomes undefined here. */
function parseTable(row: unknown): CatalogTable {
  const table = row as TableRow;
  return {
    name: table.name,
    comment: table.comment ?? undefined,
    partitionKey: table.partition_key ?? undefined,
    defaultPartition:
      table.default_partition === null
        ? undefined
        : { name: table.default_partition.name, options: table.default_partition.options ?? undefined },
    columns: (table.columns ?? []).map(parseColumn),
    constraints: table.constraints ?? [],
    indexes: (table.indexes ?? []).map(({ name, definition, comment }) => ({
      name,
      definition: withoutNamespace(definition),
      ...(comment === null ? {} : { comment }),
    })),
  };
}

function parseColumn(column: ColumnRow): CatalogColumn {
  return {
    ...column,
    expression: column.expression ?? undefined,
    identity: column.identity ?? undefined,
    comment: column.comment ?? undefined,
  };
}

/** `CREATE INDEX a ON public.b` is the same index as `CREATE INDEX a ON other.b`. */
function withoutNamespace(definition: string): string {
  return definition.replace(/ ON (ONLY )?(?:"[^"]+"|\w+)\./, " ON ");
}
