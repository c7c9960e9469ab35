/** Compiles a schema as it is written now, so that its author sees what clients will see. */

import { mergeWritten } from "#campaign/structure/merge-written.ts";
import { builderService } from "#schemas/builder-service.ts";

import { entityNotFound } from "../../../errors.ts";
import { defineMethod } from "../../define-method.ts";
import { readPrimaryKey } from "../../documents/read-primary-key.ts";
import { schemaDocument } from "../../schemas/schema-document.ts";

/** @throws entityNotFound; extensionInvalid when what is stored cannot be used by this version any more */
export const buildSchemaFromId = defineMethod(builderService, "BuildSchemaFromId", async (call, pk) => {
  const [id = pk.trim()] = readPrimaryKey(pk)?.values ?? [];
  const { schemas, targetOf } = await mergeWritten(call.context.db);
  const document = schemaDocument(schemas, targetOf(id));
  if (document === undefined) throw entityNotFound({ entity: pk.slice(0, 200) });
  return [document];
});
