/** What a SELECT answers: its SQL, and how the values of an answer are read from it. */

import type { Field } from "#schemas/fields.ts";
import type { AttributeType } from "#schemas/schema.ts";

import type { Sql } from "../expression/compile-sql.ts";
import type { Kind, Typed } from "../expression/typed.ts";

import type { ResultColumn } from "./query-def.ts";

/** One column of SQL, from which one or more values of the answer are read. */
export type Output = {
  readonly sql: Sql;
  /** What it was asked for by: two nodes with the same key are the same value. */
  readonly key: string;
  readonly typed: Typed | undefined;
  readonly isGroupedBy: boolean;
  readonly values: readonly { readonly column: ResultColumn; readonly read: Read }[];
};

/** @param raw as the database driver gives it, or as JSON holds it inside of nested rows */
export type Read = (raw: unknown) => unknown;

/** How values of a type are read; what an answer holds in place of binary data is base64. */
export function reading(type: AttributeType): Read {
  if (type === "datetime") return (raw) => (typeof raw === "string" ? new Date(raw) : raw);
  if (type === "blob") return (raw) => (raw instanceof Uint8Array ? Buffer.from(raw).toString("base64") : raw);
  return (raw) => raw;
}

/** The type of what an expression answers: the field's own where it is one. */
export function typeOf(typed: Typed): AttributeType {
  const field = fieldOf(typed);
  if (field !== undefined) return field.type;
  return typesOfKinds[typed.kind];
}

/** The field that an expression is, when it is nothing else. */
export function fieldOf(typed: Typed): Field | undefined {
  return typed.node === "attribute" || typed.node === "computed" ? typed.path.field : undefined;
}

const typesOfKinds: Readonly<Record<Kind, AttributeType>> = {
  text: "string",
  integer: "int64",
  double: "double",
  boolean: "boolean",
  date: "date",
  datetime: "datetime",
  time: "time",
  uuid: "uuid",
  document: "xml",
  binary: "blob",
  secret: "string",
};
