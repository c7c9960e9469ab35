/** The schemas as operators have written them, whether the tables have them or not. */

import { sourceId } from "#datamodel/extension/source-schema.ts";
import type { Statements } from "#foundation/database.ts";
import type { SchemaSet } from "#schemas/schema-set.ts";

import { schemaSet } from "./instance-schemas.ts";
import { mergeSources } from "./merge-documents.ts";
import { readWrittenDocuments } from "./src-schema-store.ts";

export type WrittenSchemas = {
  readonly schemas: SchemaSet;
  /** The schema that a source ends up in: `nms:recipient` for the extension `cus:recipient`. */
  targetOf(id: string): string;
};

/** @throws extensionInvalid */
export async function mergeWritten(db: Statements): Promise<WrittenSchemas> {
  const { schemas, sources } = mergeSources(await readWrittenDocuments(db));
  const targets = new Map(sources.map((source) => [sourceId(source), source.extendedSchema ?? sourceId(source)]));
  return { schemas: schemaSet(schemas, "written"), targetOf: (id) => targets.get(id) ?? id };
}
