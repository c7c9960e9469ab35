/** An entity with a key of its own and every default; nothing is stored. */

import { newEntity } from "#datamodel/write/new-entity.ts";
import { persistService } from "#schemas/persist-service.ts";
import { schemaId } from "#schemas/schema.ts";

import { defineEntityMethod } from "../../define-method.ts";
import { schemaOfDocument } from "../../documents/read-entity.ts";
import { writeEntity } from "../../documents/write-entity.ts";

/** What the client gave stays, and comes before the defaults. */
export const newInstance = defineEntityMethod(persistService, "NewInstance", async (call, document) => {
  const context = await call.writeContext();
  const schema = schemaOfDocument(context, document);
  const entity = await newEntity(context, schemaId(schema));
  return { entity: writeEntity(context.schemas, schema, entity, document), outputs: [] };
});
