/** Every text of a schema that people read, under the key by which the catalogues of other languages find it. */

import { enumerationsOf } from "./enumerations-of.ts";
import { fieldsOf } from "./fields.ts";
import { type Link, type Schema, schemaId } from "./schema.ts";

/**
 * English texts by key: `nms:recipient` is the schema, `nms:recipient#singular` one of its rows, `nms:recipient/location/city`
 * a field, `nms:recipient/folder` a link, `nms:recipient:gender/male` a value of an enumeration; `...#description` explains
 * what the key before it names.
 */
export function listLabels(schema: Schema): Readonly<Record<string, string>> {
  const id = schemaId(schema);
  const labels: Record<string, string> = { [id]: schema.label, [`${id}#singular`]: schema.labelSingular };
  if (schema.description !== undefined) labels[`${id}#description`] = schema.description;
  for (const { path, label, declaration } of fieldsOf(schema)) {
    labels[`${id}/${path}`] = label;
    if (declaration.description !== undefined) labels[`${id}/${path}#description`] = declaration.description;
  }
  for (const [name, link] of Object.entries<Link>(schema.links ?? {})) labels[`${id}/${name}`] = link.label;
  for (const { name, values } of enumerationsOf(schema))
    for (const value of values) labels[`${id}:${name}/${value.name}`] = value.label;
  return labels;
}
