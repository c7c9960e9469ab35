/** Reads the conditions of a query: side by side, in groups, over links and over other queries. */

import type { Condition, QueryDef } from "#datamodel/query-def/query-def.ts";
import { childOf, childrenOf, type XmlElement } from "#protocols/soap/xml-element.ts";

import { queryInvalid } from "./errors.ts";

/** Decides whether a condition counts, from its `enabledIf`. */
export type EnabledTest = (expression: string) => boolean;

type Reading = { readonly isEnabled: EnabledTest; readonly readSubQuery: (element: XmlElement) => QueryDef };

type Joined = { readonly condition: Condition; readonly joint: string };

/**
 * Reads the conditions within an element.
 * @throws queryInvalid
 */
export function readConditions(element: XmlElement, reading: Reading): Condition[] {
  const joined = childrenOf(element)
    .filter(({ name, attributes }) => {
      const enabledIf = attributes.get("enabledIf")?.trim() ?? "";
      return name === "condition" && (enabledIf === "" || reading.isEnabled(enabledIf));
    })
    .flatMap((child) => readCondition(child, reading));
  return joined.map(({ condition, joint }, index) => {
    const negates = / ?NOT$/.test(joined[index - 1]?.joint ?? "");
    const own: Condition = negates ? { kind: "group", conditions: [condition], isNegated: true } : condition;
    return joint.startsWith("OR") ? { ...own, isOrNext: true } : own;
  });
}

function readCondition(element: XmlElement, reading: Reading): Joined[] {
  const word = (...names: string[]): string =>
    names.map((name) => element.attributes.get(name)?.trim() ?? "").find((text) => text !== "") ?? "";
  if (element.attributes.has("sql")) throw queryInvalid({ problem: "SQL is not accepted: write expressions" });
  const joint = (word("boolOperator", "bool-operator", "booloperator") || "AND").toUpperCase();
  if (!/^(AND|OR|AND NOT|OR NOT)$/.test(joint))
    throw queryInvalid({ problem: "a boolOperator is AND, OR, AND NOT or OR NOT" });
  const expr = word("expr");
  const setOperator = word("setOperator", "set-operator", "setoperator").toUpperCase().replace(/\s+/g, " ");
  const condition = readOne(element, { expr, setOperator }, reading);
  return condition === undefined ? [] : [{ condition, joint }];
}

function readOne(
  element: XmlElement,
  { expr, setOperator }: { expr: string; setOperator: string },
  reading: Reading,
): Condition | undefined {
  const isNegated = setOperator.startsWith("NOT ") || undefined;
  switch (setOperator) {
    case "EXISTS":
    case "NOT EXISTS":
      requireExpression(expr, setOperator);
      return { kind: "exists", expr, ...(isNegated && { isNegated }), conditions: readConditions(element, reading) };
    case "IN":
    case "NOT IN": {
      requireExpression(expr, setOperator);
      const query = childOf(element, "subQuery") ?? childOf(element, "subquery");
      if (query === undefined) throw queryInvalid({ problem: `${setOperator} needs a subQuery within its condition` });
      return { kind: "in", expr, ...(isNegated && { isNegated }), subQuery: reading.readSubQuery(query) };
    }
    case "": {
      const conditions = readConditions(element, reading);
      if (expr === "") return conditions.length === 0 ? undefined : { kind: "group", conditions };
      const own: Condition = { kind: "expression", expr };
      return conditions.length === 0 ? own : { kind: "group", conditions: [own, ...conditions] };
    }
    default:
      throw queryInvalid({ problem: "a setOperator is EXISTS, NOT EXISTS, IN or NOT IN" });
  }
}

function requireExpression(expr: string, setOperator: string): void {
  if (expr === "") throw queryInvalid({ problem: `a condition with ${setOperator} has no attribute expr` });
}
