/** Writes entities of one schema, all or none. */

import { writeEntities } from "#datamodel/write/write-entities.ts";
import { childrenOf } from "#protocols/soap/xml-element.ts";
import { persistService } from "#schemas/persist-service.ts";

import { defineMethod } from "../../define-method.ts";
import { readEntity, schemaOfDocument } from "../../documents/read-entity.ts";
import { requireDocument } from "../../documents/require-document.ts";

/**
 * The tags of root and items mean nothing; what the root says of how to write holds for items that say nothing.
 * @throws schemaOfDocumentUnknown, entityInvalid, and the errors of the writer
 */
export const writeCollection = defineMethod(persistService, "WriteCollection", async (call, given) => {
  const root = requireDocument(given, "doc");
  const context = await call.writeContext();
  const schema = schemaOfDocument(context, root);
  const manner = [...root.attributes].filter(([name]) => name === "_operation" || name === "_key");
  const entities = childrenOf(root).map((item) =>
    readEntity(context.schemas, schema, { ...item, attributes: new Map([...manner, ...item.attributes]) }),
  );
  await writeEntities(context, entities);
  return [];
});
