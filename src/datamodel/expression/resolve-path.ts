/** Finds what a path such as `@email`, `location/@city` or `[folder/@name]` leads to. */

import { findSchema } from "#schemas/index.ts";
import type { Attribute, Schema } from "#schemas/schema.ts";

/** More links than this in one path is a loop, or a mistake. */
const longestPath = 5;

export type PathResult =
  | { readonly links: readonly string[]; readonly name: string; readonly attribute: Attribute }
  | { readonly problem: string };

/** Looks a path up from a schema; names are compared exactly, as Classic does. */
export function resolvePath(schema: Schema, path: string): PathResult {
  if (/^\.\.|^\/|\/\.\.|\[|\]|:/.test(path))
    return {
      problem: `The path ${path} is not understood: paths start at the row itself and follow links, such as [folder/@name].`,
    };
  const steps = path.split("/");
  let current = schema;
  let prefix = "";
  const links: string[] = [];
  for (const [index, step] of steps.entries()) {
    const isLast = index === steps.length - 1;
    const name = `${prefix}${isLast ? step.replace(/^@/, "") : step}`;
    const attribute = isLast ? lookUp(current.attributes, name) : undefined;
    if (attribute !== undefined && attribute.isInternal !== true && step.startsWith("@"))
      return { links, name, attribute };
    const link = prefix === "" && !step.startsWith("@") ? lookUp(current.links ?? {}, step) : undefined;
    if (link === undefined && !isLast && !step.startsWith("@")) {
      prefix = `${name}/`;
      continue;
    }
    if (link === undefined || isLast)
      return {
        problem: explain(
          current,
          path,
          name,
          attribute !== undefined && attribute.isInternal !== true,
          link !== undefined,
        ),
      };
    if (link.cardinality === "many")
      return {
        problem: `The link ${step} of ${nameOf(current)} leads to many rows; here a path may only lead to one.`,
      };
    const target = findSchema(link.target);
    if (target === undefined)
      return { problem: `The link ${step} of ${nameOf(current)} leads to ${link.target}, which does not exist.` };
    links.push(step);
    if (links.length > longestPath) return { problem: `The path ${path} follows more than ${longestPath} links.` };
    current = target;
    prefix = "";
  }
  return { problem: `The path ${path} is empty.` };
}

function explain(schema: Schema, path: string, name: string, isAttribute: boolean, isLink: boolean): string {
  if (isAttribute) return `Write @${name.split("/").at(-1)} for the attribute of that name.`;
  if (isLink)
    return `The path ${path} leads to a link, not to a value; name an attribute behind it, such as [${path}/@label].`;
  return `${nameOf(schema)} has no field '${name}'.`;
}

function nameOf(schema: Schema): string {
  return `${schema.namespace}:${schema.name}`;
}

/** Names come from outside: `constructor` must not be found. */
function lookUp<T>(table: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}
