/** Merges the schemas that operators wrote, as XML, into the product's. */

import { extensionInvalid } from "#datamodel/extension/errors.ts";
import { type SourceSchema, sourceId } from "#datamodel/extension/source-schema.ts";
import { mergeSchemas } from "#datamodel/extension/merge-schemas.ts";
import { readXml } from "#protocols/soap/read-xml.ts";
import { SoapError } from "#protocols/soap/soap-error.ts";
import type { Enumeration } from "#schemas/enumeration.ts";
import { builtInSchemas } from "#schemas/schema-set.ts";
import type { Schema } from "#schemas/schema.ts";

import { checkExpressions } from "./check-expressions.ts";
import { readSourceSchema } from "./read-source-schema.ts";
import type { SourceDocument } from "./src-schema-store.ts";

/**
 * The schemas of an instance.
 * @throws extensionInvalid naming the schema that cannot be read or merged
 */
export function mergeDocuments(documents: readonly SourceDocument[]): readonly Schema[] {
  return mergeSources(documents).schemas;
}

/** The same with the sources as they were read. */
export function mergeSources(documents: readonly SourceDocument[]): {
  readonly schemas: readonly Schema[];
  readonly sources: readonly SourceSchema[];
} {
  const sources = documents.map(readSource);
  const schemas = mergeSchemas(builtInSchemas.all(), sources);
  checkExpressions(schemas, sources);
  return { schemas, sources };
}

function readSource(given: SourceDocument): SourceSchema {
  const source = readSourceSchema(parse(given), findEnumeration);
  // What is stored beside the document is what it is looked up by.
  if (source.namespace !== given.namespace || source.name !== given.name)
    throw extensionInvalid({
      schema: `${given.namespace}:${given.name}`,
      problem: `its document calls itself ${sourceId(source)}`,
    });
  return source;
}

function parse({ namespace, name, document }: SourceDocument): ReturnType<typeof readXml> {
  try {
    return readXml(document);
  } catch (cause) {
    if (!(cause instanceof SoapError)) throw cause;
    throw extensionInvalid({ schema: `${namespace}:${name}`, problem: cause.message }, { cause });
  }
}

/** `nms:recipient:gender`. */
function findEnumeration(fullName: string): Enumeration | undefined {
  const [namespace = "", schema = "", name = ""] = fullName.split(":");
  const found = builtInSchemas.find(`${namespace}:${schema}`);
  return Object.values(found?.attributes ?? {}).find(({ enumeration }) => enumeration?.name === name)?.enumeration;
}
