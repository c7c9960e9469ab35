/** `GET /api/v1/recipients`: rows of an entity, page by page. */

import type { QueryDef } from "#datamodel/query-def/query-def.ts";
import { runQuery } from "#datamodel/query-def/run-query.ts";
import { type Schema, schemaId } from "#schemas/schema.ts";

import { webSettings } from "../../settings.ts";
import type { RestAnswer, RestCall } from "../rest-call.ts";
import { webRestSettings } from "../settings.ts";
import { readCursor, writeCursor } from "./cursor.ts";
import { reachOf } from "./reach.ts";
import { type Parameters, readFlag, readLimit, readConditions, readOrder, refuseRepeated } from "./read-list-query.ts";
import { rowShape } from "./row-shape.ts";
import { mostRowsOf, selectFields } from "./select-fields.ts";

/** The answer: `items`, `next` (the address of the page that follows), `count` when asked for. */
export async function listEntities(call: RestCall, schema: Schema): Promise<RestAnswer> {
  const reach = reachOf(call.data, call.names, call.identity.scopes);
  const { query, context } = call;
  refuseRepeated(query);
  const { where, parameters } = readConditions(reach, schema, query);
  const orderBy = readOrder(reach, schema, query.get("sort"));
  // A place in one list is none in another.
  const list = JSON.stringify([schemaId(schema), query.get("sort"), where, Object.values(parameters)]);
  const cursor = query.get("after");
  const after = cursor === null ? undefined : readCursor(context, list, cursor);
  const select = selectFields(reach, schema, query.get("fields") ?? undefined, true);
  const limit = readLimit(query.get("limit"), largestPage(call, mostRowsOf(schema, select)));
  const isCounted = readFlag(query, "count");

  const plan: QueryDef = { schema: schemaId(schema), operation: "select", select, where, orderBy, lineCount: limit };
  const result = await runQuery(call.data, plan, {
    parameters,
    withPosition: true,
    mostLines: limit,
    // What is filtered or sorted by anything may read a whole table; a limit of its own costs such a query little.
    ...(where.length > 0 || orderBy.length > 1 ? { timeoutMs: timeoutMs(call) } : {}),
    ...(after === undefined ? {} : { after }),
  });
  const count = isCounted ? await countRows(call, plan, parameters) : undefined;
  if (result.kind !== "rows") return { status: 200, body: { items: [] } };
  const items = result.rows.map(rowShape(result.columns));
  const position = items.length < limit ? undefined : result.position;
  const next = position === undefined ? undefined : nextAddress(call, writeCursor(context, list, position));
  return {
    status: 200,
    body: { items, ...(next === undefined ? {} : { next }), ...(count === undefined ? {} : { count }) },
    ...(next === undefined ? {} : { headers: { link: `<${next}>; rel="next"` } }),
  };
}

function largestPage({ web }: RestCall, mostRows: number): number {
  return Math.min(web.host.settings.of(webRestSettings).largestPage, mostRows);
}

function timeoutMs({ web }: RestCall): number {
  return web.host.settings.of(webSettings).queryTimeoutMs;
}

async function countRows(call: RestCall, plan: QueryDef, parameters: Parameters): Promise<number> {
  const { lineCount: _, orderBy: __, ...query } = plan;
  const counting = { ...query, operation: "count" } as const;
  const result = await runQuery(call.data, counting, { parameters, timeoutMs: timeoutMs(call) });
  return result.kind === "count" ? result.count : 0;
}

function nextAddress({ request, query }: RestCall, cursor: string): string {
  const following = new URLSearchParams(query);
  following.set("after", cursor);
  const [path = ""] = request.url.split("?", 1);
  return `${path}?${following.toString()}`;
}
