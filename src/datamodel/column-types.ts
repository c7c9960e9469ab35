/** How PostgreSQL keeps the values of each type. */

import type { AttributeType } from "#schemas/schema.ts";

export const columnTypes: Readonly<Record<AttributeType, string>> = {
  string: "text",
  memo: "text",
  boolean: "boolean",
  byte: "smallint",
  short: "smallint",
  long: "integer",
  int64: "bigint",
  double: "double precision",
  date: "date",
  datetime: "timestamptz",
  time: "time",
  timespan: "bigint",
  uuid: "uuid",
  blob: "bytea",
  json: "jsonb",
  xml: "text",
};
