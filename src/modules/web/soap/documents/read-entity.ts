/** Reads an entity as clients write it in XML: its own values, the rows it links to and the rows that belong to it. */

import { documentForms } from "#campaign/entities/documents.ts";
import { mayAccess } from "#datamodel/rights/may-access.ts";
import type { DataContext } from "#datamodel/viewer.ts";
import type { EntityInput, Operation, RawValue } from "#datamodel/write/entity-input.ts";
import { writeXml } from "#protocols/soap/write-xml.ts";
import { childrenOf, textOf, type XmlElement } from "#protocols/soap/xml-element.ts";
import { type Field, fieldsOf, findField, isElementField } from "#schemas/fields.ts";
import { type Link, type Schema, schemaId } from "#schemas/schema.ts";
import type { SchemaSet } from "#schemas/schema-set.ts";

import { entityInvalid, schemaOfDocumentUnknown } from "./errors.ts";

const operations: readonly Operation[] = ["insert", "insertOrUpdate", "update", "delete", "none"];

type Found = {
  readonly values: Map<string, RawValue>;
  readonly links: Map<string, EntityInput>;
  readonly collections: Map<string, EntityInput[]>;
};

/**
 * The schema of a document, which its root names; a tag means nothing. One that the viewer may not read is not there:
 * what the document holds would else tell him its fields.
 * @throws schemaOfDocumentUnknown
 */
export function schemaOfDocument({ schemas, viewer }: Omit<DataContext, "db">, root: XmlElement): Schema {
  const named = root.attributes.get("xtkschema")?.trim() ?? "";
  const schema = schemas.find(named);
  if (schema === undefined || !mayAccess(schema, viewer, "read"))
    throw schemaOfDocumentUnknown({ schema: named.slice(0, 200) });
  return schema;
}

/**
 * Reads one entity. Which fields may be written is not decided here.
 * @throws entityInvalid
 */
export function readEntity(schemas: SchemaSet, schema: Schema, element: XmlElement): EntityInput {
  const found: Found = { values: new Map(), links: new Map(), collections: new Map() };
  readLevel({ schemas, schema, found }, element, "");
  const { documentAttribute } = schema;
  if (documentAttribute !== undefined) found.values.set(documentAttribute, wholeDocument(element));
  return { schema: schemaId(schema), ...readManner(schema, element), ...found };
}

type Level = { readonly schemas: SchemaSet; readonly schema: Schema; readonly found: Found };

/** One element of the entity's own table: sub-elements of the same table merge, under their paths. */
function readLevel(level: Level, element: XmlElement, prefix: string): void {
  for (const [name, value] of element.attributes) {
    if (name === "xtkschema" || name.startsWith("_")) continue;
    // What a document carries of its own kind is kept in it; only the fields of the schema are columns too.
    if (level.schema.documentAttribute !== undefined && findField(level.schema, `${prefix}${name}`) === undefined)
      continue;
    level.found.values.set(`${prefix}${name}`, value);
  }
  for (const child of childrenOf(element)) readChild(level, child, `${prefix}${child.name}`);
  if (level.schema.documentAttribute === undefined && textOf(element).trim() !== "")
    throw entityInvalid({
      schema: schemaId(level.schema),
      problem: `the element '${prefix === "" ? element.name : prefix.slice(0, -1)}' holds text, which belongs into an attribute or an element within`,
    });
}

function readChild(level: Level, child: XmlElement, path: string): void {
  const { schemas, schema, found } = level;
  const link = Object.hasOwn(schema.links ?? {}, path) ? schema.links?.[path] : undefined;
  if (link !== undefined) return readLinked(level, link, child, path);
  const field = findField(schema, path);
  if (field !== undefined && isElementField(field)) {
    if (found.values.has(path))
      throw entityInvalid({ schema: schemaId(schema), problem: `the element '${path}' stands in it twice` });
    found.values.set(path, readField(schema, field, child));
    return undefined;
  }
  if (schema.documentAttribute !== undefined) return undefined;
  if (fieldsOf(schema).some((known) => known.path.startsWith(`${path}/`)))
    return readLevel({ schemas, schema, found }, child, `${path}/`);
  throw entityInvalid({ schema: schemaId(schema), problem: `it has no element '${path.slice(0, 200)}'` });
}

function readLinked({ schemas, schema, found }: Level, link: Link, child: XmlElement, path: string): void {
  const target = schemas.find(link.target);
  if (target === undefined)
    throw entityInvalid({ schema: schemaId(schema), problem: `the link '${path}' leads nowhere` });
  const linked = readEntity(schemas, target, child);
  if (link.cardinality === "many") {
    const items = found.collections.get(path) ?? [];
    items.push(linked);
    found.collections.set(path, items);
    return;
  }
  if (found.links.has(path))
    throw entityInvalid({ schema: schemaId(schema), problem: `the link '${path}' stands in it twice` });
  found.links.set(path, linked);
}

function readField(schema: Schema, field: Field, element: XmlElement): RawValue {
  const isEmpty = element.content.length === 0 && element.attributes.size === 0;
  if (field.type === "json") {
    const form = documentForms.get(`${schemaId(schema)}#${field.path}`);
    if (form !== undefined) return isEmpty ? null : JSON.stringify(form.fromXml(element));
    return textOf(element);
  }
  if (field.type === "xml") return isEmpty ? null : writeXml(element);
  const [inner] = childrenOf(element);
  if (inner !== undefined)
    throw entityInvalid({
      schema: schemaId(schema),
      problem: `the element '${field.path}' holds text, not the element '${inner.name}'`,
    });
  return textOf(element);
}

/** The entity as its client wrote it, without what says how to write it. */
function wholeDocument(element: XmlElement): string {
  const kept = [...element.attributes].filter(([name]) => name !== "xtkschema" && !name.startsWith("_"));
  return writeXml({ ...element, attributes: new Map(kept) });
}

function readManner(schema: Schema, { attributes }: XmlElement): Pick<EntityInput, "operation" | "key"> {
  const word = attributes.get("_operation")?.trim() ?? "";
  const operation = operations.find((known) => known === word);
  if (word !== "" && operation === undefined)
    throw entityInvalid({
      schema: schemaId(schema),
      problem: `the _operation '${word.slice(0, 50)}' is none of ${operations.join(", ")}`,
    });
  const key = (attributes.get("_key") ?? "")
    .split(",")
    .map((path) => path.trim())
    .filter((path) => path !== "");
  return { ...(operation && { operation }), ...(key.length > 0 && { key }) };
}
