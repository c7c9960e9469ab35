/** Typologies and their rules, as preparations read them. */

import type { CompiledWhere } from "#datamodel/compile-where.ts";
import type { Statements } from "#foundation/database.ts";
import {
  alertLevels,
  nameOfCode,
  type TypologyCheck,
  typologyChecks,
  typologyPhases,
  typologyRuleTypes,
} from "#schemas/codes.ts";

import type { Rule } from "./rule.ts";

/** The name of the typology of deliveries that have none. */
const defaultName = "default";

/**
 * Finds a delivery's typology.
 * @param typologyId 0 = the default one
 */
export function findTypology(
  db: Statements,
  typologyId: number,
): Promise<{ readonly typologyId: number; readonly affinity: string } | undefined> {
  return db.first((row) => {
    const found = row as { typology_id: number; affinity: string };
    return { typologyId: found.typology_id, affinity: found.affinity };
  })`
    select typology_id, affinity from nms_typology
     where case when ${typologyId}::bigint = 0 then name = ${defaultName} else typology_id = ${typologyId}::bigint end`;
}

/** The active rules of a typology for a channel, in the order of their execution. */
export function listRules(db: Statements, typologyId: number, messageType: number): Promise<Rule[]> {
  return db.rows(parseRule)`
    select r.typology_rule_id, coalesce(nullif(r.label, ''), r.name) as label, r.type, r.phase, r.level, r.modified_by,
           coalesce(r.delivery_condition, '') as delivery_condition, coalesce(r.where_condition, '') as where_condition, coalesce(r.code, '') as code, r.data
      from nms_typology_rule_rel l
      join nms_typology_rule r on r.typology_rule_id = l.typology_rule_id
     where l.typology_id = ${typologyId} and r.is_active and r.message_type = ${messageType}
     order by r.position, r.typology_rule_id`;
}

/** True when a delivery meets a condition compiled over nms_delivery as `d`. */
export async function isDeliveryAmong(
  db: Statements,
  deliveryId: number,
  { joins, where }: Pick<CompiledWhere, "joins" | "where">,
): Promise<boolean> {
  const found = await db.first((row) => (row as { found: boolean }).found)`
    select exists (select from nms_delivery d ${joins} where d.delivery_id = ${deliveryId} and ${where}) as found`;
  return found === true;
}

function parseRule(raw: unknown): Rule {
  const row = raw as {
    typology_rule_id: number;
    label: string;
    type: number;
    phase: number;
    level: number;
    modified_by: number;
    delivery_condition: string;
    where_condition: string;
    code: string;
    data: Readonly<Record<string, unknown>>;
  };
  const common = {
    ruleId: row.typology_rule_id,
    label: row.label,
    modifiedBy: row.modified_by,
    deliveryCondition: row.delivery_condition,
  };
  const kind = nameOfCode(typologyRuleTypes, row.type) ?? "control";
  switch (kind) {
    case "control":
      return {
        ...common,
        kind,
        phase: nameOfCode(typologyPhases, row.phase) ?? "afterTargeting",
        level: nameOfCode(alertLevels, row.level) ?? "error",
        check: checkOf(row.data["control/check"]),
        script: row.code,
      };
    case "filtering":
      return { ...common, kind, where: row.where_condition };
    case "pressure":
      return {
        ...common,
        kind,
        threshold: Number(row.data["pressure/threshold"] ?? 0),
        periodDays: Number(row.data["pressure/periodDays"] ?? 7),
        weight: Number(row.data["pressure/weight"] ?? 5),
      };
    case "capacity":
      return { ...common, kind };
  }
}

function checkOf(given: unknown): TypologyCheck {
  return typologyChecks.find((check) => check === given) ?? "script";
}
