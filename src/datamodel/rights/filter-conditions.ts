/** The system filters of a schema that hold for a viewer. */

import type { Schema } from "#schemas/schema.ts";

import type { Sql } from "../expression/compile-sql.ts";
import { evaluateCondition } from "../expression/evaluate-condition.ts";
import { holdsRight } from "../viewer.ts";

import type { Purpose } from "./allowed-folders.ts";
import { compileTrustedCondition, type Trust, viewerParameters } from "./trusted-condition.ts";

/** The conditions, without those that their `enabledIf` switches off: what is written must be readable, too. */
export function filterConditions(
  rights: Trust & { readonly schema: Schema; readonly alias: string; readonly purpose: Purpose },
): Sql[] {
  const { viewer } = rights;
  const facts = {
    parameters: viewerParameters(viewer),
    hasRight: (right: string) => holdsRight(viewer, right),
  };
  return (rights.schema.systemFilters ?? [])
    .filter(({ name }) => name === "readAccess" || rights.purpose !== "read")
    .flatMap(({ conditions }) => conditions)
    .filter(({ enabledIf }) => enabledIf === undefined || evaluateCondition(enabledIf, facts))
    .map(({ expression }) => compileTrustedCondition(rights, expression, rights));
}
