/** Runs a query with the caller's rights. */

import { runQuery } from "#datamodel/query-def/run-query.ts";
import { queryDefService } from "#schemas/query-def-service.ts";

import { defineEntityMethod } from "../../define-method.ts";
import { readQuery } from "../../documents/read-where.ts";
import { writeResult } from "../../documents/write-result.ts";
import { queryLimitsOf } from "../../query-limits.ts";

/** @throws queryInvalid, and the errors of the query */
export const executeQuery = defineEntityMethod(queryDefService, "ExecuteQuery", async (call, document) => {
  const context = await call.dataContext();
  const query = readQuery(document, context.viewer);
  const result = await runQuery(context, query, queryLimitsOf(call.context));
  return { outputs: [writeResult(result, query.operation)] };
});
