/** Writes one entity, with the rows it links to and those that belong to it. */

import { writeEntities } from "#datamodel/write/write-entities.ts";
import { persistService } from "#schemas/persist-service.ts";

import { defineMethod } from "../../define-method.ts";
import { readEntity, schemaOfDocument } from "../../documents/read-entity.ts";
import { requireDocument } from "../../documents/require-document.ts";

/** @throws schemaOfDocumentUnknown, entityInvalid, and the errors of the writer */
export const write = defineMethod(persistService, "Write", async (call, given) => {
  const root = requireDocument(given, "doc");
  const context = await call.writeContext();
  await writeEntities(context, [readEntity(context.schemas, schemaOfDocument(context, root), root)]);
  return [];
});
