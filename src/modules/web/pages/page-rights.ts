/** The rights of whoever looks at a page: the same as on every other road. */

import { mayAccess } from "#datamodel/rights/may-access.ts";
import { rowRights } from "#datamodel/rights/row-rights.ts";
import { type SqlFragment, sql } from "#foundation/sql.ts";

import { openData } from "../open-data.ts";
import type { PageCall } from "./page-call.ts";

/**
 * The condition on rows of a schema that the operator may read.
 * @param alias how the statement calls the schema's table
 */
export async function readableRows({ context, session }: PageCall, id: string, alias: string): Promise<SqlFragment> {
  const { schemas, viewer } = await openData(context, session.operator);
  const schema = schemas.find(id);
  if (schema === undefined) return sql`false`;
  return rowRights({ schema, schemas, viewer, purpose: "read", alias }) ?? sql`true`;
}

/** True when the operator may read the schema at all. */
export async function mayRead({ context, session }: PageCall, id: string): Promise<boolean> {
  const { schemas, viewer } = await openData(context, session.operator);
  const schema = schemas.find(id);
  return schema !== undefined && mayAccess(schema, viewer, "read");
}
