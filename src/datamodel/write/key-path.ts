/** Reads the paths of `_key`: `@email`, `[@folder-id]`, `location/@city`, `[folder/@name]`. */

import { keyMissing } from "./errors.ts";
import { declarationOf, type SchemaPlan } from "./schema-plan.ts";

/**
 * The attributes that a path of a key means: a field's own path, or those that a link is made of. A row that is found
 * through a link has the linked row's key.
 * @throws keyMissing
 */
export function attributesOfKeyPath(plan: SchemaPlan, written: string): readonly string[] {
  const steps = stepsOf(written);
  const path = steps.join("/");
  if (declarationOf(plan, path) !== undefined) return [path];
  const link = plan.links.get(steps[0] ?? "");
  if (link === undefined || link.cardinality !== "one")
    throw keyMissing({ schema: plan.id, problem: `it has no field '${path.slice(0, 100)}' to be found by` });
  return link.join.map(({ from }) => from);
}

/** What of a key leads through a link: `name` of `[folder/@name]` for `folder`; undefined when nothing does. */
export function keyBehindLink(plan: SchemaPlan, key: readonly string[], link: string): readonly string[] | undefined {
  const behind = key.flatMap((written) => {
    const steps = stepsOf(written);
    const isField = declarationOf(plan, steps.join("/")) !== undefined;
    return !isField && steps[0] === link && steps.length > 1 ? [steps.slice(1).join("/")] : [];
  });
  return behind.length === 0 ? undefined : behind;
}

function stepsOf(written: string): string[] {
  return written
    .trim()
    .replace(/^\[(.*)\]$/, "$1")
    .split("/")
    .map((step) => step.trim().replace(/^@/, ""));
}
