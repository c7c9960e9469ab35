/** Deletes every entity that meets conditions. */

import { deleteCollection as deleteRows } from "#datamodel/write/delete-collection.ts";
import { sessionService } from "#schemas/session-service.ts";

import { conditionMissing } from "../../../errors.ts";
import { defineMethod } from "../../define-method.ts";
import { readWhere } from "../../documents/read-where.ts";

/**
 * Without a condition nothing is deleted: leaving it out is likelier a mistake than a wish.
 * @throws conditionMissing
 */
export const deleteCollection = defineMethod(sessionService, "DeleteCollection", async (call, schema, where) => {
  const context = await call.writeContext();
  const conditions = where === undefined ? [] : readWhere(where, context.viewer);
  if (conditions.length === 0) throw conditionMissing();
  await deleteRows(context, { schema, where: conditions });
  return [];
});
