/** How far a caller reaches through links: what he may not read, or his token is not for, is as if it did not exist. */

import { parseExpression } from "#datamodel/expression/parse-expression.ts";
import { mayAccess } from "#datamodel/rights/may-access.ts";
import type { DataContext } from "#datamodel/viewer.ts";
import { findField } from "#schemas/fields.ts";
import type { Schema } from "#schemas/schema.ts";

import type { EntityNames } from "../entity-names.ts";
import { allows, type Scopes } from "../scopes.ts";

export type ReachedLink = {
  readonly name: string;
  readonly label: string;
  readonly cardinality: "one" | "many";
  readonly target: Schema;
};

export type Reach = {
  /** True when the caller may read the entity at all. */
  sees(schema: Schema): boolean;
  /** True when the caller's token is for writing the entity; what its operator may do is known to the writer. */
  mayWrite(schema: Schema): boolean;
  /** The link of a name, when the caller may read what it leads to. */
  linkOf(schema: Schema, name: string): ReachedLink | undefined;
  linksOf(schema: Schema): readonly ReachedLink[];
  /** The first path of an expression that leads to where the caller may not go. */
  findForbiddenPath(schema: Schema, expression: string): string | undefined;
};

/** @param names how entities are called in scopes */
export function reachOf({ schemas, viewer }: Omit<DataContext, "db">, names: EntityNames, scopes: Scopes): Reach {
  const sees = (schema: Schema): boolean =>
    mayAccess(schema, viewer, "read") && allows(scopes, names.nameOf(schema), "read");
  const linkOf = (schema: Schema, name: string): ReachedLink | undefined => {
    const link = Object.hasOwn(schema.links ?? {}, name) ? schema.links?.[name] : undefined;
    const target = link === undefined ? undefined : schemas.find(link.target);
    if (link === undefined || target === undefined || !sees(target)) return undefined;
    return { name, label: link.label, cardinality: link.cardinality, target };
  };
  return {
    sees,
    mayWrite: (schema) => allows(scopes, names.nameOf(schema), "write"),
    linkOf,
    linksOf: (schema) =>
      Object.keys(schema.links ?? {}).flatMap((name) => {
        const link = linkOf(schema, name);
        return link === undefined ? [] : [link];
      }),
    // Rights stand in the query itself; what a token is for is known here only.
    findForbiddenPath: (schema, expression) =>
      scopes === "all" || scopes.has("read")
        ? undefined
        : pathsOf(parseExpression(expression)).find((path) => !mayPass(linkOf, schema, path)),
  };
}

function mayPass(linkOf: Reach["linkOf"], from: Schema, path: string): boolean {
  const steps = path.replaceAll("@", "").split("/");
  let schema = from;
  for (let step = 0; step < steps.length; step += 1) {
    if (findField(schema, steps.slice(step).join("/")) !== undefined) return true;
    const name = steps[step] ?? "";
    if (!Object.hasOwn(schema.links ?? {}, name)) return true;
    const link = linkOf(schema, name);
    if (link === undefined) return false;
    schema = link.target;
  }
  return true;
}

/** Every path that stands anywhere in an expression. */
function pathsOf(node: unknown): string[] {
  if (typeof node !== "object" || node === null) return [];
  if ("node" in node && node.node === "path" && "text" in node) return [String(node.text)];
  return Object.values(node).flatMap(pathsOf);
}
