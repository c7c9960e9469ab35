/** A copy of a stored entity with a key of its own; nothing is stored. */

import { copyEntity } from "#datamodel/write/copy-entity.ts";
import { persistService } from "#schemas/persist-service.ts";
import { schemaId } from "#schemas/schema.ts";

import { keyUnreadable } from "../../../errors.ts";
import { defineEntityMethod } from "../../define-method.ts";
import { schemaOfDocument } from "../../documents/read-entity.ts";
import { readPrimaryKey } from "../../documents/read-primary-key.ts";
import { writeEntity } from "../../documents/write-entity.ts";

/** @throws keyUnreadable, and the errors of the writer */
export const duplicate = defineEntityMethod(persistService, "Duplicate", async (call, document, source) => {
  const context = await call.writeContext();
  const schema = schemaOfDocument(context, document);
  const id = schemaId(schema);
  const key = readPrimaryKey(source);
  if (key === undefined || key.schema !== id || key.values.length !== schema.keys[0].attributes.length)
    throw keyUnreadable({ pk: source.slice(0, 200), wanted: `${id}|1203` });
  const copy = await copyEntity(context, id, key.values);
  return { entity: writeEntity(context.schemas, schema, copy), outputs: [] };
});
