/** Writes an entity that is not stored as the document that a client completes and writes back. */

import { documentForms } from "#campaign/entities/documents.ts";
import type { EntityInput, RawValue } from "#datamodel/write/entity-input.ts";
import { readXml } from "#protocols/soap/read-xml.ts";
import type { XmlElement } from "#protocols/soap/xml-element.ts";
import { findField, isElementField } from "#schemas/fields.ts";
import { type Schema, schemaId } from "#schemas/schema.ts";
import type { SchemaSet } from "#schemas/schema-set.ts";

import { aDraft, childDraft, type Draft, finish } from "./draft-element.ts";
import { writeValue } from "./write-value.ts";

/**
 * Writes an entity with its links and collections.
 * @param given what the client's own document holds: it stays as it is
 */
export function writeEntity(schemas: SchemaSet, schema: Schema, entity: EntityInput, given?: XmlElement): XmlElement {
  const root = writeInto(schemas, schema, entity, schema.name);
  root.attributes.set("xtkschema", schemaId(schema));
  if (given !== undefined) merge(root, given);
  return finish(root);
}

function writeInto(schemas: SchemaSet, schema: Schema, entity: EntityInput, name: string): Draft {
  const draft = aDraft(name);
  for (const [path, value] of entity.values) placeValue(schema, draft, path, value);
  const linked = [
    ...entity.links,
    ...[...entity.collections].flatMap(([link, items]) => items.map((item) => [link, item] as const)),
  ];
  for (const [link, item] of linked) {
    const target = schemas.find(item.schema);
    if (target !== undefined) draft.content.push(writeInto(schemas, target, item, link));
  }
  return draft;
}

function placeValue(schema: Schema, draft: Draft, path: string, value: RawValue): void {
  const field = findField(schema, path);
  if (field === undefined) return;
  const steps = path.split("/");
  const last = steps.pop() ?? path;
  const parent = steps.reduce(childDraft, draft);
  if (!isElementField(field)) {
    parent.attributes.set(last, writeValue(field.type, value));
    return;
  }
  if (value === null || value === "") return;
  const form = field.type === "json" ? documentForms.get(`${schemaId(schema)}#${path}`) : undefined;
  if (form !== undefined) parent.content.push(form.toXml(last, JSON.parse(String(value))));
  else if (field.type === "xml") parent.content.push({ ...readXml(String(value)), name: last });
  else childDraft(parent, last).content.push(writeValue(field.type, value));
}

/** What the client gave comes before what the server would choose. */
function merge(draft: Draft, given: XmlElement): void {
  for (const [name, value] of given.attributes) draft.attributes.set(name, value);
  for (const node of given.content) {
    if (typeof node === "string") continue;
    const known = draft.content.findIndex((other) => typeof other !== "string" && other.name === node.name);
    const own = draft.content[known];
    if (typeof own === "object" && "isDraft" in own && own.content.every((part) => typeof part !== "string"))
      merge(own, node);
    else draft.content.splice(known === -1 ? draft.content.length : known, known === -1 ? 0 : 1, node);
  }
  if (given.content.some((node) => typeof node === "string" && node.trim() !== "") && draft.content.length === 0)
    draft.content.push(...given.content);
}
