/** Finds the row that an order is for, and makes sure that who gives it may. */

import type { DataContext } from "#datamodel/viewer.ts";
import { mayAccess } from "#datamodel/rights/may-access.ts";

import { findEntity } from "./entity-rights-store.ts";
import { entityProtected, entityUnknown } from "./errors.ts";

/**
 * The id of a row that is called by its id or its internal name. One that the viewer may not see is as if it were not
 * there; one that he may not change, by the rights of its folder, takes no orders from him. Whether he may give this
 * order at all is decided by the method's own right.
 * @throws entityUnknown, entityProtected
 */
export async function requireEntity(context: DataContext, schema: string, reference: string): Promise<number> {
  const { id, isWritable } = await locate(context, schema, reference);
  if (!isWritable) throw entityProtected({ schema, entity: shown(reference) });
  return id;
}

/**
 * The same for a row that is only looked at.
 * @throws entityUnknown
 */
export async function requireReadable(context: DataContext, schema: string, reference: string): Promise<number> {
  return (await locate(context, schema, reference)).id;
}

async function locate(
  context: DataContext,
  schema: string,
  reference: string,
): Promise<{ readonly id: number; readonly isWritable: boolean }> {
  const declared = context.schemas.find(schema);
  const isOpen = declared !== undefined && mayAccess(declared, context.viewer, "read");
  const found = isOpen && reference.trim() !== "" ? await findEntity(context, declared, shown(reference)) : undefined;
  if (found === undefined) throw entityUnknown({ schema, entity: shown(reference) });
  return found;
}

function shown(reference: string): string {
  return reference.trim().slice(0, 200);
}
