/** The fields of a schema, wherever their values are kept. */

import type { Attribute, AttributeType, ComputedField, DataField, Schema } from "./schema.ts";

export type Field = {
  /** Without `@`: `email`, `location/city`, `content/html/source`. */
  readonly path: string;
  readonly type: AttributeType;
  readonly label: string;
} & (
  | { readonly kind: "stored"; readonly declaration: Attribute }
  | { readonly kind: "data"; readonly declaration: DataField }
  | { readonly kind: "computed"; readonly declaration: ComputedField }
);

/** Every field that clients may see: stored ones first, in the order of the columns. */
export function fieldsOf(schema: Schema): readonly Field[] {
  const known = fieldsBySchema.get(schema);
  if (known !== undefined) return [...known.values()];
  return [...readFields(schema).values()];
}

/** The field of a path, without `@`; undefined when there is none, or none for clients. */
export function findField(schema: Schema, path: string): Field | undefined {
  return (fieldsBySchema.get(schema) ?? readFields(schema)).get(path);
}

/** True when the value is the text of an element, or an element itself: then its path has no `@`. */
export function isElementField({ declaration, type }: Field): boolean {
  return type === "xml" || type === "json" || ("isElement" in declaration && declaration.isElement);
}

/** As expressions write it: `@email`, `location/@city`, `content/html/source`. */
export function writtenPath(field: Field): string {
  return isElementField(field) ? field.path : field.path.replace(/[^/]+$/, (name) => `@${name}`);
}

const fieldsBySchema = new WeakMap<Schema, ReadonlyMap<string, Field>>();

function readFields(schema: Schema): ReadonlyMap<string, Field> {
  const fields = new Map<string, Field>();
  for (const [path, declaration] of Object.entries<Attribute>(schema.attributes)) {
    if (declaration.isInternal === true) continue;
    fields.set(path, { path, type: declaration.type, label: declaration.label, kind: "stored", declaration });
  }
  for (const [path, declaration] of Object.entries(schema.dataFields ?? {}))
    fields.set(path, { path, type: declaration.type, label: declaration.label, kind: "data", declaration });
  for (const [path, declaration] of Object.entries(schema.computedFields ?? {}))
    fields.set(path, { path, type: declaration.type, label: declaration.label, kind: "computed", declaration });
  fieldsBySchema.set(schema, fields);
  return fields;
}
