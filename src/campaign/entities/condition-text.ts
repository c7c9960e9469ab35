/** Conditions as clients of Classic write them (`<where><condition expr/></where>`), and as one expression. */

import { anElement, childOf, childrenOf, type XmlElement } from "#protocols/soap/xml-element.ts";

import { conditionRefused } from "./errors.ts";

const deepest = 50;

/**
 * One expression that means what the conditions of an element mean.
 * @param where the element that holds conditions
 * @returns an empty text when it holds none
 * @throws conditionRefused for what needs a query of its own
 */
export function readConditions(where: XmlElement, depth = 0): string {
  if (depth > deepest) throw conditionRefused({ reason: `conditions are nested deeper than ${deepest}` });
  const conditions = childrenOf(where).filter(({ name }) => name === "condition");
  const read = conditions.flatMap((condition) => {
    const text = readCondition(condition, depth);
    return text === "" ? [] : [{ text, join: joinOf(condition) }];
  });
  if (read.length === 1) return read[0]?.text ?? "";
  return read.map(({ text, join }, index) => `(${text})${index < read.length - 1 ? ` ${join} ` : ""}`).join("");
}

/** The element that holds one condition; empty when there is none. */
export function writeConditions(name: string, expression: string): XmlElement {
  return anElement(name, {}, ...(expression === "" ? [] : [anElement("condition", { expr: expression })]));
}

function readCondition(condition: XmlElement, depth: number): string {
  const { attributes } = condition;
  if (attributes.has("enabledIf")) throw conditionRefused({ reason: "a condition has enabledIf" });
  const setOperator = attributes.get("setOperator") ?? "";
  if (setOperator !== "" || childOf(condition, "subQuery") !== undefined)
    throw conditionRefused({ reason: `a condition asks another table (${setOperator || "subQuery"})` });
  const nested = readConditions(condition, depth + 1);
  const own = attributes.get("expr")?.trim() ?? "";
  return own === "" || nested === "" ? own + nested : `(${own}) AND (${nested})`;
}

/** How a condition is joined to the next one; clients spell the attribute in several ways. */
function joinOf({ attributes }: XmlElement): string {
  const given = attributes.get("boolOperator") ?? attributes.get("bool-operator") ?? "AND";
  const word = given.trim().toUpperCase();
  if (!["AND", "OR", "AND NOT", "OR NOT"].includes(word))
    throw conditionRefused({ reason: `a condition is joined by '${given.slice(0, 20)}'` });
  return word;
}
