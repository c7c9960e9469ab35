/** Shows the SQL that a query runs as, and of which type each of its columns is. */

import { compileQuery } from "#datamodel/query-def/compile-query.ts";
import { describeSql } from "#datamodel/query-def/describe-sql.ts";
import { queryDefService } from "#schemas/query-def-service.ts";

import { defineEntityMethod } from "../../define-method.ts";
import { readQuery } from "../../documents/read-where.ts";
import { queryLimitsOf } from "../../query-limits.ts";

/** @throws queryInvalid, and the errors of the query */
export const buildQueryEx = defineEntityMethod(queryDefService, "BuildQueryEx", async (call, document) => {
  const context = await call.dataContext();
  const query = readQuery(document, context.viewer);
  const limits = queryLimitsOf(call.context);
  const compiled = compileQuery(context, query, limits);
  const columns = compiled.kind === "count" ? [] : compiled.outputs.flatMap(({ values }) => values);
  const format = columns.map(({ column }) => `${column.path} ${column.type}`).join(", ");
  return { outputs: [describeSql(context, query, limits), format] };
});
