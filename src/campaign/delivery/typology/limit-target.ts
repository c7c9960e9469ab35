/** Reduces a target to its limit, and sets a control group aside. */

import type { Statements } from "#foundation/database.ts";
import type { Viewer } from "#datamodel/viewer.ts";
import type { Sql } from "#datamodel/expression/compile-sql.ts";
import { failureReasons } from "#schemas/codes.ts";
import type { SchemaSet } from "#schemas/schema-set.ts";

import { type DeliverySettings, readSort, type Selection } from "../delivery-settings.ts";
import { countOfShare } from "../share.ts";
import { countRemaining } from "../preparation-store.ts";
import { excludeByChance, excludeByOrder, type Portion } from "./exclusion-store.ts";

type World = { readonly schemas: SchemaSet; readonly viewer: Viewer };

/**
 * Excludes what is beyond the limit, then the control group of what is left.
 * @throws errors of the expression language for an order that cannot be understood
 */
export async function limitTarget(
  tx: Statements,
  { limit, controlGroup }: Pick<DeliverySettings, "limit" | "controlGroup">,
  world: World,
): Promise<void> {
  if (limit !== undefined) {
    const remaining = await countRemaining(tx);
    const kept = countOfShare(limit.size, remaining);
    const ordered = await compileSort(limit, world);
    if (kept < remaining) await excludePortion(tx, { beyond: kept }, failureReasons.targetLimited, ordered);
  }
  if (controlGroup !== undefined) {
    const remaining = await countRemaining(tx);
    const taken = remaining === 0 ? 0 : countOfShare(controlGroup.size, remaining);
    await excludePortion(tx, { first: taken }, failureReasons.controlGroup, await compileSort(controlGroup, world));
  }
}

async function excludePortion(
  tx: Statements,
  portion: Portion,
  reason: number,
  ordered: Sql | undefined,
): Promise<void> {
  await (ordered === undefined ? excludeByChance(tx, portion, reason) : excludeByOrder(tx, portion, reason, ordered));
}

/** All recipients in the order of an expression, or undefined where chance decides. */
async function compileSort({ sort }: Selection, { schemas, viewer }: World): Promise<Sql | undefined> {
  const order = readSort(sort);
  if (order.expr === "") return undefined;
  const [{ compileRows }, { findReadable, openScope, openWorld }] = await Promise.all([
    import("#datamodel/query-def/compile-rows.ts"),
    import("#datamodel/query-def/scope.ts"),
  ]);
  const world = openWorld(schemas, viewer, {});
  const scope = openScope(world, { schema: findReadable(world, "nms:recipient"), alias: world.newAlias() });
  return compileRows(scope, { select: [{ expr: "@id" }], orderBy: [order] }, { isOrderComplete: true, mostNested: 0 })
    .sql;
}
