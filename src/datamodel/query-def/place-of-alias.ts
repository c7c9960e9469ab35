/** Where a value stands in an answer. */

import { queryInvalid } from "./errors.ts";

const written = /^(?:\.\.\/)*(?:[A-Za-z_][\w.-]*\/)*@?[A-Za-z_][\w.-]*$/;
const longest = 300;

/**
 * The place of a value whose alias is given: `@total`, `owner/@name`; `../@x` starts above the place it would have without.
 * @param place where the value stands without an alias: `folder/@name`
 * @throws queryInvalid when the alias is no path
 */
export function placeOfAlias(schema: string, place: string, alias: string): string {
  const path = alias.trim().replace(/^\[(.*)\]$/s, "$1");
  if (path.length > longest || !written.test(path))
    throw queryInvalid({
      schema,
      problem: `the alias '${path.slice(0, 40)}' is no path such as @total or owner/@name`,
    });
  if (!path.startsWith("../")) return path;
  const above = place.split("/").slice(0, -1);
  const steps = path.split("/");
  while (steps[0] === "..") {
    steps.shift();
    above.pop();
  }
  return [...above, ...steps].join("/");
}
