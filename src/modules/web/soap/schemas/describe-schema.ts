/** Writes a schema as the compiled document that clients read it from: nothing in it is left to be resolved. */

import { createHash } from "node:crypto";

import { writeXml } from "#protocols/soap/write-xml.ts";
import { anElement, type XmlElement } from "#protocols/soap/xml-element.ts";
import type { Enumeration } from "#schemas/enumeration.ts";
import { fieldsOf, findField, writtenPath } from "#schemas/fields.ts";
import { type Index, type Key, type Link, type Schema, schemaId } from "#schemas/schema.ts";
import type { SchemaSet } from "#schemas/schema-set.ts";
import type { Service } from "#schemas/service.ts";
import { findService, services } from "#schemas/services.ts";

import { describeFields } from "./describe-fields.ts";
import { describeMethods, describeStructures } from "./describe-methods.ts";

/**
 * The document of a schema, or of a service that has no table.
 * @returns undefined when there is neither, or none for clients
 */
export function describeSchema(schemas: SchemaSet, id: string): XmlElement | undefined {
  const schema = schemas.find(id);
  const service = findService(id);
  if (schema?.isHidden === true) return undefined;
  if (schema !== undefined) return withDigest(describeEntity(schemas, schema), methodsOf(id, service));
  if (service === undefined) return undefined;
  return withDigest(describeService(service), methodsOf(id, service));
}

type Head = { readonly attributes: Record<string, string | undefined>; readonly content: readonly XmlElement[] };

function describeService({ name: id, label }: Service): Head {
  const [namespace = "", name = ""] = id.split(":");
  return {
    attributes: { namespace, name, label, labelSingular: label, implements: interfaceOf(id) },
    content: [anElement("element", { name, label })],
  };
}

function describeEntity(schemas: SchemaSet, schema: Schema): Head {
  const { namespace, name, label, labelSingular, description, table } = schema;
  const id = schemaId(schema);
  const folderLink = Object.entries(schema.links ?? {}).find(
    ([, { join }]) => schema.folderAttribute !== undefined && join[0]?.from === schema.folderAttribute,
  )?.[0];
  const root = anElement(
    "element",
    {
      name,
      label,
      labelSingular,
      desc: description,
      sqltable: table,
      autopk: schema.keys[0].attributes.join() === "id" ? true : undefined,
      folderLink,
    },
    ...(schema.computeString === undefined ? [] : [anElement("compute-string", { expr: schema.computeString })]),
    ...schema.keys.flatMap((key, index) => describeKey(schema, key, index === 0)),
    ...(schema.indexes ?? []).flatMap((index) => describeIndex(schema, index)),
    ...describeFields(schema),
    ...Object.entries(schema.links ?? {}).flatMap(([link, declared]) => describeLink(schemas, schema, link, declared)),
  );
  return {
    attributes: {
      namespace,
      name,
      label,
      labelSingular,
      desc: description,
      mappingType: "sql",
      implements: interfaceOf(id) ?? "xtk:persist",
    },
    content: [...describeEnumerations(schema), root],
  };
}

/** The interface that a schema's document holds is the one that clients call its methods by. */
function interfaceOf(id: string): string | undefined {
  return services.find(({ interfaceIn }) => interfaceIn === id)?.name;
}

function methodsOf(id: string, service: Service | undefined): XmlElement[] {
  return [
    ...(service === undefined ? [] : [...describeStructures(service), describeMethods("methods", service)]),
    ...services.filter(({ interfaceIn }) => interfaceIn === id).map((known) => describeMethods("interface", known)),
  ];
}

/** The md5 tells a client whether its copy is still good. */
function withDigest({ attributes, content }: Head, methods: readonly XmlElement[]): XmlElement {
  const id = `${attributes["namespace"] ?? ""}:${attributes["name"] ?? ""}`;
  const own = { ...attributes, library: `${id}.js`, xtkschema: "xtk:schema" };
  const whole = anElement("schema", own, ...content, ...methods);
  const md5 = createHash("md5").update(writeXml(whole)).digest("hex").toUpperCase();
  return anElement("schema", { ...own, md5 }, ...content, ...methods);
}

function describeEnumerations(schema: Schema): XmlElement[] {
  const byName = new Map<string, { enumeration: Enumeration; type: string }>();
  for (const { declaration, type } of fieldsOf(schema))
    if (declaration.enumeration !== undefined && !byName.has(declaration.enumeration.name))
      byName.set(declaration.enumeration.name, { enumeration: declaration.enumeration, type });
  return [...byName.values()].map(({ enumeration: { name, values }, type }) =>
    anElement(
      "enumeration",
      { name, basetype: type },
      ...values.map((value) => anElement("value", { name: value.name, label: value.label, value: value.value })),
    ),
  );
}

function describeKey(schema: Schema, { attributes }: Key, isPrimary: boolean): XmlElement[] {
  const fields = keyFields(schema, attributes);
  // Some keys and indexes are over what clients do not see.
  if (fields.length < attributes.length) return [];
  const name = attributes.map((path) => path.split("/").at(-1) ?? path).join("_");
  return [anElement("key", { name, internal: isPrimary ? true : undefined }, ...fields)];
}

function describeIndex(schema: Schema, { name, attributes }: Index): XmlElement[] {
  const fields = keyFields(schema, attributes);
  return fields.length === 0 || fields.length < attributes.length ? [] : [anElement("dbindex", { name }, ...fields)];
}

function keyFields(schema: Schema, attributes: readonly string[]): XmlElement[] {
  return attributes.flatMap((path) => {
    const field = findField(schema, path.replace(/^-/, ""));
    return field === undefined ? [] : [anElement("keyfield", { xpath: writtenPath(field) })];
  });
}

function describeLink(schemas: SchemaSet, schema: Schema, name: string, link: Link): XmlElement[] {
  const target = schemas.find(link.target);
  if (target === undefined || target.isHidden === true) return [];
  const joins = link.join.map(({ from, to }) => {
    const [source, destination] = [findField(schema, from), findField(target, to)];
    return anElement("join", {
      "xpath-src": source === undefined ? `@${from}` : writtenPath(source),
      "xpath-dst": destination === undefined ? `@${to}` : writtenPath(destination),
      dstFilterExpr: link.where,
    });
  });
  return [
    anElement(
      "element",
      {
        name,
        label: link.label,
        type: "link",
        target: link.target,
        unbound: link.cardinality === "many" ? true : undefined,
        integrity: link.integrity,
        revLink: link.reverse,
        externalJoin: true,
      },
      ...joins,
    ),
  ];
}
