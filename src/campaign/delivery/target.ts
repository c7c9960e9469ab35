/** Whom a delivery is for: conditions on recipients, all of which must hold. */

import { compileWhere } from "#datamodel/compile-where.ts";
import { recipient } from "#schemas/recipient.ts";
import { builtInSchemas, type SchemaSet } from "#schemas/schema-set.ts";

import { invalidTarget } from "./errors.ts";

export type Target = {
  /** Everybody; stands alone. */
  readonly all?: true;
  /** Members of the group of this name. */
  readonly group?: string;
  /** A condition of the expression language over nms:recipient, such as `@language = 'fr'`. */
  readonly where?: string;
  /** Those whose ids a workflow left in this table. */
  readonly workTable?: string;
};

/**
 * Accepts a target as it is stored or sent by a client.
 * @param schemas those of the instance, where its extensions count
 * @throws invalidTarget; the errors of the expression language for a condition that cannot be understood
 */
export function parseTarget(given: unknown, schemas: SchemaSet = builtInSchemas): Target {
  const target = readTarget(given);
  if (target.where !== undefined) compileWhere(schemas.find("nms:recipient") ?? recipient, target.where, { schemas });
  return target;
}

/**
 * Reads a target; its condition is not looked into.
 * @throws invalidTarget
 */
export function readTarget(given: unknown): Target {
  if (typeof given !== "object" || given === null || Array.isArray(given))
    throw invalidTarget({ problem: "It is no object." });
  const { all, group, where, workTable, ...others } = given as Record<string, unknown>;
  const unknown = Object.keys(others)[0];
  if (unknown !== undefined) throw invalidTarget({ problem: `There is no condition named ${unknown.slice(0, 60)}.` });
  if (all !== undefined) {
    if (all !== true || [group, where, workTable].some((other) => other !== undefined))
      throw invalidTarget({ problem: "all must be true and stand alone." });
    return { all };
  }
  const target: Target = {
    ...(group === undefined ? {} : { group: readText("group", group) }),
    ...(where === undefined ? {} : { where: readText("where", where) }),
    ...(workTable === undefined ? {} : { workTable: readText("workTable", workTable) }),
  };
  if (Object.keys(target).length === 0)
    throw invalidTarget({ problem: "It is empty; to send to everybody write all: true." });
  if (target.workTable !== undefined && !/^wkf\d{1,18}_\d{1,18}$/.test(target.workTable)) {
    throw invalidTarget({ problem: "workTable is no table of a workflow." });
  }
  return target;
}

function readText(name: string, value: unknown): string {
  if (typeof value !== "string" || value.trim() === "")
    throw invalidTarget({ problem: `${name} must be a text that is not empty.` });
  return value;
}
