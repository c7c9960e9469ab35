/** Which stored values have to be known before rows are written. */

import type { Draft } from "./draft.ts";
import { declarationOf, isDataDocument, type SchemaPlan } from "./schema-plan.ts";
import { ruleOf, type Session } from "./session.ts";

/**
 * Paths of fields whose stored values are compared with what is written: keys, read-only fields and keys of links that
 * clients send back, what the rule looks at; all of them where every change is kept in the audit trail.
 * @param keys what rows are found by
 */
export function neededFields(
  session: Session,
  plan: SchemaPlan,
  drafts: readonly Draft[],
  keys: readonly string[],
): readonly string[] {
  const needed = new Set(keys);
  const { schema } = plan;
  if (schema.isAudited === true) {
    for (const path of Object.keys(schema.attributes)) if (!isDataDocument(plan, path)) needed.add(path);
    for (const path of Object.keys(schema.dataFields ?? {})) needed.add(path);
  }
  for (const path of ruleOf(session, plan.id)?.needs ?? []) needed.add(path);
  const compared = comparedFields(plan);
  for (const { values } of drafts) for (const path of values.keys()) if (compared.has(path)) needed.add(path);
  return [...needed].filter((path) => declarationOf(plan, path) !== undefined);
}

/** Fields that are refused, or left alone, unless they differ from what is stored. */
function comparedFields({ schema, primary, links }: SchemaPlan): ReadonlySet<string> {
  const compared = new Set(primary);
  for (const [path, { isReadOnly, computed, stamp }] of Object.entries(schema.attributes))
    if (isReadOnly === true || computed !== undefined || stamp !== undefined) compared.add(path);
  for (const [path, { isReadOnly }] of Object.entries(schema.dataFields ?? {}))
    if (isReadOnly === true) compared.add(path);
  for (const { cardinality, join } of links.values())
    if (cardinality === "one") for (const { from } of join) compared.add(from);
  return compared;
}
