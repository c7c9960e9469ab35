/** Reads a query as clients write it in XML, in every spelling that is in use. */

import type { Condition, OrderNode, QueryDef, SelectNode } from "#datamodel/query-def/query-def.ts";
import { childOf, childrenOf, type XmlElement } from "#protocols/soap/xml-element.ts";

import { queryInvalid } from "./errors.ts";
import { readConditions, type EnabledTest } from "./read-conditions.ts";

const operations = ["select", "get", "getIfExists", "count"] as const;

/**
 * Reads a query.
 * @param isEnabled decides whether a condition with `enabledIf` counts
 * @throws queryInvalid
 */
export function readQueryDef(element: XmlElement, isEnabled: EnabledTest): QueryDef {
  const word = (name: string): string => element.attributes.get(name)?.trim() ?? "";
  const operation = operations.find((known) => known === (word("operation") || "select"));
  if (operation === undefined) throw queryInvalid({ problem: `its operation is none of ${operations.join(", ")}` });
  const schema = word("schema");
  if (schema === "") throw queryInvalid({ problem: "it names no schema: give it the attribute schema" });
  return {
    schema,
    operation,
    select: nodesWithin(element, "select").map((node) => readSelectNode(node, isEnabled)),
    ...readClauses(element, isEnabled),
    ...readNumber("startLine", element),
    ...(readFlag(element, "distinct") ? { isDistinct: true } : {}),
  };
}

function readClauses(
  element: XmlElement,
  isEnabled: EnabledTest,
): Pick<QueryDef, "where" | "groupBy" | "having" | "orderBy"> {
  const readSubQuery = (query: XmlElement): QueryDef => readQueryDef(query, isEnabled);
  const conditions = (name: string): Condition[] => {
    const clause = childOf(element, name);
    return clause === undefined ? [] : readConditions(clause, { isEnabled, readSubQuery });
  };
  return {
    where: conditions("where"),
    groupBy: [...nodesWithin(element, "groupBy"), ...nodesWithin(element, "groupby")].map(readExpression),
    having: conditions("having"),
    orderBy: [...nodesWithin(element, "orderBy"), ...nodesWithin(element, "orderby")].map(readOrderNode),
    ...readNumber("lineCount", element),
  };
}

function readSelectNode(node: XmlElement, isEnabled: EnabledTest): SelectNode {
  const alias = node.attributes.get("alias")?.trim() ?? "";
  return {
    expr: readExpression(node),
    ...(alias === "" ? {} : { alias }),
    ...(readFlag(node, "groupBy") || readFlag(node, "groupby") ? { isGroupedBy: true } : {}),
    ...(readFlag(node, "analyze") ? { isAnalyzed: true } : {}),
    ...(childrenOf(node).some(({ name }) => name === "node") ? { nested: readNested(node, isEnabled) } : {}),
  };
}

/** What is answered of each row behind a link stands as nodes within the node of the link. */
function readNested(node: XmlElement, isEnabled: EnabledTest): NonNullable<SelectNode["nested"]> {
  const { where = [], orderBy = [] } = readClauses(node, isEnabled);
  return {
    select: nodesOf(node).map((inner) => readSelectNode(inner, isEnabled)),
    where,
    orderBy,
    ...readNumber("lineCount", node),
  };
}

function readOrderNode(node: XmlElement): OrderNode {
  const isDescending = readFlag(node, "sortDesc") || readFlag(node, "sortdesc");
  return { expr: readExpression(node), ...(isDescending ? { isDescending } : {}) };
}

function readExpression(node: XmlElement): string {
  const expr = node.attributes.get("expr")?.trim() ?? "";
  if (node.attributes.has("sql")) throw queryInvalid({ problem: "SQL is not accepted: write expressions" });
  if (expr === "") throw queryInvalid({ problem: `one of its elements '${node.name}' has no attribute expr` });
  return expr;
}

function nodesWithin(element: XmlElement, clause: string): XmlElement[] {
  return childrenOf(element)
    .filter(({ name }) => name === clause)
    .flatMap(nodesOf);
}

function nodesOf(element: XmlElement): XmlElement[] {
  return childrenOf(element).filter(({ name }) => name === "node");
}

function readFlag(element: XmlElement, name: string): boolean {
  return /^(true|1)$/i.test(element.attributes.get(name)?.trim() ?? "");
}

/** A whole number that is not negative; left out where there is none. */
function readNumber<const N extends "lineCount" | "startLine">(
  name: N,
  element: XmlElement,
): { readonly [K in N]?: number } {
  const text = element.attributes.get(name)?.trim() ?? "";
  if (text === "") return {};
  if (!/^\d{1,9}$/.test(text)) throw queryInvalid({ problem: `its ${name} is not a whole number` });
  return { [name]: Number(text) } as { readonly [K in N]?: number };
}
