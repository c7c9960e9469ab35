/** Finds the one field that a path means, through links to one row each. */

import { type Field, findField, writtenPath } from "#schemas/fields.ts";
import type { Schema } from "#schemas/schema.ts";

import type { Reach } from "./reach.ts";

export type ReachedField = {
  readonly field: Field;
  /** As expressions write it: `folder/@name`. */
  readonly written: string;
};

const mostSteps = 6;

/** @param path with or without `@`: `email`, `location/city`, `folder/name` */
export function resolvePath(reach: Reach, from: Schema, path: string): ReachedField | undefined {
  const steps = path.length > 500 ? [] : path.replaceAll("@", "").split("/");
  let [schema, prefix] = [from, ""];
  for (let step = 0; step < Math.min(steps.length, mostSteps); step += 1) {
    const field = findField(schema, steps.slice(step).join("/"));
    if (field !== undefined) return { field, written: prefix + writtenPath(field) };
    const link = reach.linkOf(schema, steps[step] ?? "");
    if (link?.cardinality !== "one") return undefined;
    [schema, prefix] = [link.target, `${prefix}${link.name}/`];
  }
  return undefined;
}
