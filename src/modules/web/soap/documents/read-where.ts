/** Reads conditions and queries on behalf of one caller: what `enabledIf` says depends on his rights. */

import { evaluateCondition } from "#datamodel/expression/evaluate-condition.ts";
import type { Condition, QueryDef } from "#datamodel/query-def/query-def.ts";
import { viewerParameters } from "#datamodel/rights/trusted-condition.ts";
import { holdsRight, type Viewer } from "#datamodel/viewer.ts";
import type { XmlElement } from "#protocols/soap/xml-element.ts";

import { type EnabledTest, readConditions } from "./read-conditions.ts";
import { readQueryDef } from "./read-query-def.ts";

/**
 * Reads a query.
 * @throws queryInvalid
 */
export function readQuery(element: XmlElement, viewer: Viewer): QueryDef {
  return readQueryDef(element, enabledFor(viewer));
}

/**
 * Reads `<where>`.
 * @throws queryInvalid
 */
export function readWhere(element: XmlElement, viewer: Viewer): Condition[] {
  const isEnabled = enabledFor(viewer);
  return readConditions(element, { isEnabled, readSubQuery: (query) => readQueryDef(query, isEnabled) });
}

function enabledFor(viewer: Viewer): EnabledTest {
  const facts = { parameters: viewerParameters(viewer), hasRight: (right: string) => holdsRight(viewer, right) };
  return (expression) => evaluateCondition(expression, facts);
}
