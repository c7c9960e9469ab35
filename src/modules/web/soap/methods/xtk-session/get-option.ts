/** The value of an option as text, and its type, which says what column holds it. */

import { runQuery } from "#datamodel/query-def/run-query.ts";
import type { QueryDef } from "#datamodel/query-def/query-def.ts";
import type { AttributeType } from "#schemas/schema.ts";
import { sessionService } from "#schemas/session-service.ts";

import { defineMethod } from "../../define-method.ts";
import { writeValue } from "../../documents/write-value.ts";

/** By Classic's code of a type. */
const holders: Readonly<Record<number, { readonly field: string; readonly type: AttributeType }>> = {
  1: { field: "@longValue", type: "int64" },
  2: { field: "@longValue", type: "int64" },
  3: { field: "@longValue", type: "int64" },
  4: { field: "@doubleValue", type: "double" },
  5: { field: "@doubleValue", type: "double" },
  6: { field: "@stringValue", type: "string" },
  7: { field: "@timeStampValue", type: "datetime" },
  10: { field: "@timeStampValue", type: "datetime" },
  12: { field: "@memoValue", type: "memo" },
  13: { field: "@memoValue", type: "memo" },
  14: { field: "@longValue", type: "int64" },
  15: { field: "@longValue", type: "int64" },
};

/** An option that is not there has no value and type 0; that is no fault. */
export const getOption = defineMethod(sessionService, "GetOption", async (call, name) => {
  const result = await runQuery(await call.dataContext(), optionQuery, { parameters: { name } });
  const [row] = result.kind === "rows" ? result.rows : [];
  if (row === undefined || result.kind !== "rows") return ["", 0];
  const valueOf = (path: string): unknown => row[result.columns.findIndex((column) => column.path === path)];
  const type = Number(valueOf("@dataType"));
  const holder = holders[type] ?? { field: "@stringValue", type: "string" };
  return [writeValue(holder.type, valueOf(holder.field)), type];
});

const optionQuery: QueryDef = {
  schema: "xtk:option",
  operation: "getIfExists",
  select: ["@dataType", "@stringValue", "@longValue", "@doubleValue", "@memoValue", "@timeStampValue"].map((expr) => ({
    expr,
  })),
  where: [{ kind: "expression", expr: "@name = $(name)" }],
};
