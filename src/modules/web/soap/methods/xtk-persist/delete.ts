/** Deletes an entity. */

import { writeEntities } from "#datamodel/write/write-entities.ts";
import { persistService } from "#schemas/persist-service.ts";

import { defineMethod } from "../../define-method.ts";
import { readEntity, schemaOfDocument } from "../../documents/read-entity.ts";
import { requireDocument } from "../../documents/require-document.ts";

/** @throws schemaOfDocumentUnknown, entityInvalid, and the errors of the writer */
export const deleteEntity = defineMethod(persistService, "Delete", async (call, given) => {
  const root = requireDocument(given, "doc");
  const context = await call.writeContext();
  const entity = readEntity(context.schemas, schemaOfDocument(context, root), root);
  await writeEntities(context, [{ ...entity, operation: "delete" }]);
  return [];
});
