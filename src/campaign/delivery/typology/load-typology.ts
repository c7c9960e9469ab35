/** Loads the rules that a delivery is prepared by. */

import { findViewer } from "#campaign/access/find-viewer.ts";
import type { CompiledWhere } from "#datamodel/compile-where.ts";
import type { Statements } from "#foundation/database.ts";
import { messageTypes } from "#schemas/codes.ts";
import type { SchemaSet } from "#schemas/schema-set.ts";

import { typologyGone } from "../errors.ts";
import type { Rule, Typology } from "./rule.ts";
import { findTypology, isDeliveryAmong, listRules } from "./typology-store.ts";

export type RuleWorld = { readonly timezone: string; readonly schemas: SchemaSet };

/**
 * The typology of a delivery with the rules that concern it; the default one when it has none.
 * @throws typologyGone, authorGone, and the errors of the expression language for a condition that cannot be understood
 */
export async function loadTypology(
  db: Statements,
  delivery: { readonly deliveryId: number; readonly typologyId: number },
  world: RuleWorld,
): Promise<Typology> {
  const typology = await findTypology(db, delivery.typologyId);
  if (typology === undefined) {
    if (delivery.typologyId !== 0) throw typologyGone({ typologyId: delivery.typologyId });
    return { affinity: "", rules: [] };
  }
  const rules: Rule[] = [];
  for (const rule of await listRules(db, typology.typologyId, messageTypes.email))
    if (await concerns(db, rule, delivery.deliveryId, world)) rules.push(rule);
  return { affinity: typology.affinity, rules };
}

async function concerns(db: Statements, rule: Rule, deliveryId: number, world: RuleWorld): Promise<boolean> {
  if (rule.deliveryCondition.trim() === "") return true;
  return isDeliveryAmong(
    db,
    deliveryId,
    await compileRule(db, rule, { schema: "nms:delivery", alias: "d", expression: rule.deliveryCondition }, world),
  );
}

/**
 * Compiles a condition of a rule with the rights of who wrote it.
 * @throws authorGone, errors of the expression language
 */
export async function compileRule(
  db: Statements,
  rule: Rule,
  condition: { readonly schema: string; readonly alias: string; readonly expression: string },
  { timezone, schemas }: RuleWorld,
): Promise<Pick<CompiledWhere, "joins" | "where">> {
  const { compileWhereFor } = await import("#datamodel/compile-where-for.ts");
  const schema = schemas.find(condition.schema);
  if (schema === undefined) throw new RangeError(`there is no schema ${condition.schema}`);
  const viewer = await findViewer(db, rule.modifiedBy, timezone);
  return compileWhereFor(viewer, schema, condition.expression, { alias: condition.alias, timezone, schemas });
}
