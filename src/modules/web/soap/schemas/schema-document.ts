/** The documents of schemas, made once for each set of schemas. */

import type { XmlElement } from "#protocols/soap/xml-element.ts";
import type { SchemaSet } from "#schemas/schema-set.ts";

import { describeSchema } from "./describe-schema.ts";

const made = new WeakMap<SchemaSet, Map<string, XmlElement | undefined>>();

/**
 * The document of `nms:recipient` or of `xtk:session`.
 * @returns undefined when there is none for clients
 */
export function schemaDocument(schemas: SchemaSet, id: string): XmlElement | undefined {
  const known = made.get(schemas) ?? new Map<string, XmlElement | undefined>();
  made.set(schemas, known);
  if (known.has(id)) return known.get(id);
  const document = describeSchema(schemas, id);
  // Names that mean nothing are not kept: anyone may ask for any number of them.
  if (document !== undefined) known.set(id, document);
  return document;
}
