/** Shows the SQL that a query runs as. */

import { describeSql } from "#datamodel/query-def/describe-sql.ts";
import { queryDefService } from "#schemas/query-def-service.ts";

import { defineEntityMethod } from "../../define-method.ts";
import { readQuery } from "../../documents/read-where.ts";
import { queryLimitsOf } from "../../query-limits.ts";

/** @throws queryInvalid, and the errors of the query */
export const buildQuery = defineEntityMethod(queryDefService, "BuildQuery", async (call, document) => {
  const context = await call.dataContext();
  const query = readQuery(document, context.viewer);
  return { outputs: [describeSql(context, query, queryLimitsOf(call.context))] };
});
