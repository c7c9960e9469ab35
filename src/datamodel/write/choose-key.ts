/** By which fields a row is found. */

import type { Draft } from "./draft.ts";
import { keyMissing } from "./errors.ts";
import { defaultValue } from "./field-value.ts";
import { attributesOfKeyPath } from "./key-path.ts";
import { declarationOf, type SchemaPlan, shownKey } from "./schema-plan.ts";

export type KeyChoice = {
  readonly paths: readonly string[];
  /** At most one row has these values. */
  readonly isUnique: boolean;
};

/**
 * The key that was asked for, else the first of the schema that is given whole; undefined when the row is a new one.
 * @throws keyMissing when the operation needs a row and nothing says which
 */
export function chooseKey(draft: Draft): KeyChoice | undefined {
  const { plan, operation } = draft;
  if (operation === "insert") return undefined;
  const paths = draft.key === undefined ? firstWholeKey(draft) : explicitKey(draft, draft.key);
  if (paths !== undefined) return { paths, isUnique: isUnique(plan, paths) };
  if (operation === "insertOrUpdate") return undefined;
  throw keyMissing({
    schema: plan.id,
    problem: `none of its keys is given (${plan.uniqueKeys.map(shownKey).join("; ")})`,
  });
}

function explicitKey({ plan, values }: Draft, key: readonly string[]): readonly string[] {
  const paths = [...new Set(key.flatMap((written) => attributesOfKeyPath(plan, written)))];
  const absent = paths.find((path) => !values.has(path));
  if (absent !== undefined)
    throw keyMissing({ schema: plan.id, problem: `its key asks for '${shownKey([absent])}', which is not given` });
  return paths;
}

function firstWholeKey(draft: Draft): readonly string[] | undefined {
  const { plan } = draft;
  if (plan.sequenced === undefined) fillKeyWithDefaults(draft);
  return plan.uniqueKeys.find((paths) => paths.every((path) => isGiven(draft, path)));
}

/** 0 is no id, but may well be part of a key that no sequence fills. */
function isGiven({ plan, values }: Draft, path: string): boolean {
  const value = values.get(path);
  if (value === undefined || value === null || value === "") return false;
  return value !== 0 || path !== plan.sequenced;
}

/** What is not given of a key that clients make up themselves is as in a new row. */
function fillKeyWithDefaults({ plan, values }: Draft): void {
  if (!plan.primary.some((path) => values.has(path))) return;
  for (const path of plan.primary) {
    const declaration = declarationOf(plan, path);
    const value = declaration === undefined ? undefined : defaultValue(declaration);
    if (!values.has(path) && value !== undefined) values.set(path, value);
  }
}

function isUnique(plan: SchemaPlan, paths: readonly string[]): boolean {
  return plan.uniqueKeys.some((key) => key.every((path) => paths.includes(path)));
}
