/** Says in the words of the schemas what PostgreSQL refused. */

import type { Schema } from "#schemas/schema.ts";
import { schemaId } from "#schemas/schema.ts";
import type { SchemaSet } from "#schemas/schema-set.ts";

import { duplicateKey, invalidValue, referenceUnknown, requiredField, tooLarge } from "./errors.ts";
import { shownKey } from "./schema-plan.ts";

type Refusal = {
  readonly code: string;
  readonly table: string;
  readonly column: string;
  readonly constraint: string;
};

/** The error that a client is told; the error itself when it is none of the data's making. */
export function explainWriteError(schemas: SchemaSet, error: unknown): unknown {
  const refusal = readRefusal(error);
  if (refusal === undefined) return error;
  const schema = schemas.all().find(({ table }) => table === refusal.table);
  const id = schema === undefined ? "the entity" : schemaId(schema);
  const options = { cause: error };
  switch (refusal.code) {
    case "23505":
      return duplicateKey(
        { schema: id, key: schema === undefined ? "key" : keyNamed(schema, refusal.constraint) },
        options,
      );
    case "23502":
      return requiredField({ schema: id, field: fieldNamed(schema, refusal.column) }, options);
    case "23514":
      return invalidValue(
        { schema: id, field: checkedField(schema, refusal.constraint), problem: "it is none of those allowed" },
        options,
      );
    case "23503":
      return referenceUnknown(
        { schema: id, field: checkedField(schema, refusal.constraint), target: "another schema" },
        options,
      );
    default:
      return refusal.code.startsWith("54")
        ? tooLarge({ problem: "a value is too long for the index on its field" }, options)
        : invalidValue(
            { schema: id, field: fieldNamed(schema, refusal.column), problem: "it is out of range or not of its type" },
            options,
          );
  }
}

function readRefusal(error: unknown): Refusal | undefined {
  if (!(error instanceof Error) || !("code" in error) || typeof error.code !== "string") return undefined;
  if (!/^(?:22|23|54)\w{3}$/.test(error.code)) return undefined;
  const part = (name: string): string => {
    const value: unknown = Object.getOwnPropertyDescriptor(error, name)?.value;
    return typeof value === "string" ? value : "";
  };
  return { code: error.code, table: part("table"), column: part("column"), constraint: part("constraint") };
}

/** PostgreSQL names constraints after the table and its columns, unless the key has a name. */
function keyNamed(schema: Schema, constraint: string): string {
  const found = schema.keys.find(({ attributes, index }, at) => {
    const columns = attributes.map((path) => schema.attributes[path]?.column ?? "");
    const usual = at === 0 ? `${schema.table}_pkey` : `${schema.table}_${columns.join("_")}_key`;
    return constraint === (index ?? usual);
  });
  return found === undefined ? "one of its keys" : shownKey(found.attributes);
}

function fieldNamed(schema: Schema | undefined, column: string): string {
  const found = Object.entries(schema?.attributes ?? {}).find(([, attribute]) => attribute.column === column);
  return found?.[0] ?? "one of the fields";
}

function checkedField(schema: Schema | undefined, constraint: string): string {
  const found = Object.entries(schema?.attributes ?? {}).find(([, { column }]) =>
    constraint.startsWith(`${schema?.table ?? ""}_${column}_`),
  );
  return found?.[0] ?? "one of the fields";
}
