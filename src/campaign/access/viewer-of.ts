/** An operator as the data model sees him: the rights that are compiled into his queries and writes. */

import type { Viewer } from "#datamodel/viewer.ts";

import type { Operator } from "./operator.ts";

/** @param fallbackTimezone of an operator who has none of his own: that of the instance */
export function viewerOf(operator: Operator, fallbackTimezone: string): Viewer {
  const { operatorId, login, rights, groupIds, folderId, timezone } = operator;
  return { operatorId, login, rights, groupIds, folderId, timezone: timezone || fallbackTimezone };
}
