/** Finds what a path such as `@email`, `location/@city`, `[folder/@name]` or `[../@id]` leads to. */

import { type Field, fieldsOf, findField, isElementField } from "#schemas/fields.ts";
import type { SchemaSet } from "#schemas/schema-set.ts";
import { type Link, type Schema, schemaId } from "#schemas/schema.ts";

import type { ResolvedPath, ResolvePath } from "./typed.ts";

/** More links than this in one path is a loop, or a mistake. */
const longestPath = 10;

/** A query, as far as paths are concerned. */
export type PathRoot = {
  readonly schema: Schema;
  readonly schemas: SchemaSet;
  /** Whether a schema is there for whom the query is made; links to others are as if they did not exist. */
  readonly isThere: (schema: Schema) => boolean;
  /** The query around this one, which `..` leads to. */
  readonly outer?: PathRoot;
};

/** Where a path starts: at the row itself, or at one that links lead to. */
export type PathStart = { readonly root: PathRoot; readonly outward: number; readonly links: readonly string[] };

type Place = { readonly outward: number; readonly links: readonly string[]; readonly schema: Schema };

export type PathEnd =
  | (Place & { readonly kind: "field"; readonly field: Field })
  /** A row; `links` leads to it, the last of them is `link`. */
  | (Place & { readonly kind: "row"; readonly link: Link | undefined })
  /** What several fields begin with: `location`. */
  | (Place & { readonly kind: "group"; readonly fields: readonly Field[] })
  | { readonly kind: "nothing"; readonly problem: string };

/** Looks names up that expressions over a query use; computed fields lead on from where they stand. */
export function pathsOf(start: PathStart): ResolvePath {
  return (path) => {
    const found = followPath(start, path);
    if (found.kind === "nothing") return { problem: found.problem };
    if (found.kind === "field") return resolved(start, found);
    const behind = found.kind === "row" ? "behind it" : "in it";
    return {
      problem: `The path ${path} leads to a ${found.kind === "row" ? "link" : "group of fields"}, not to a value; name an attribute ${behind}, such as [${path}/@label].`,
    };
  };
}

function resolved(start: PathStart, found: PathEnd & { kind: "field" }): ResolvedPath {
  const { outward, links, field } = found;
  if (field.kind !== "computed") return { outward, links, field };
  let { root } = start;
  for (let left = outward - start.outward; left > 0 && root.outer !== undefined; left -= 1) root = root.outer;
  return { outward, links, field, resolveThere: pathsOf({ root, outward, links }) };
}

/** Follows a path, as it is written without brackets; names are compared exactly, as Classic does. */
export function followPath(start: PathStart, path: string): PathEnd {
  if (/[[\]:]/.test(path)) return nothing(`The path ${path} is not understood: ${unknownForms(path)}`);
  const walk = begin(start, path.startsWith("/"));
  const steps = path.replace(/^\//, "").split("/");
  for (const [index, step] of steps.entries()) {
    const problem = takeStep(walk, step, path, index === steps.length - 1);
    if (problem !== undefined) return nothing(problem);
  }
  return arrive(walk);
}

/** Where a walk along a path is: the schemas of all links so far, the first being the query's own. */
type Walk = {
  root: PathRoot;
  outward: number;
  links: string[];
  schemas: Schema[];
  prefix: string[];
  field: Field | undefined;
  link: Link | undefined;
};

function begin({ root, outward, links }: PathStart, isAbsolute: boolean): Walk {
  const walk: Walk = {
    root,
    outward,
    links: [],
    schemas: [root.schema],
    prefix: [],
    field: undefined,
    link: undefined,
  };
  for (const link of isAbsolute ? [] : links) enter(walk, link);
  return walk;
}

/** @returns what is wrong with the step, if anything is */
function takeStep(walk: Walk, step: string, path: string, isLast: boolean): string | undefined {
  if (step === ".") return undefined;
  if (step === "..") return goUp(walk, path);
  const schema = here(walk);
  if (!step.startsWith("@") && walk.prefix.length === 0 && enter(walk, step))
    return walk.links.length > longestPath ? `The path ${path} follows more than ${longestPath} links.` : undefined;
  const name = [...walk.prefix, step.replace(/^@/, "")].join("/");
  const field = findField(schema, name);
  if (field !== undefined && isLast && isElementField(field) !== step.startsWith("@")) {
    walk.field = field;
    return undefined;
  }
  if (!step.startsWith("@") && fieldsOf(schema).some((other) => other.path.startsWith(`${name}/`))) {
    walk.prefix.push(step);
    return undefined;
  }
  return explain(schema, name, field, isLast);
}

function goUp(walk: Walk, path: string): string | undefined {
  if (walk.prefix.pop() !== undefined) return undefined;
  if (walk.links.pop() !== undefined) {
    walk.schemas.pop();
    walk.link = undefined;
    return undefined;
  }
  const { outer } = walk.root;
  if (outer === undefined) return `The path ${path} leads out of the query: there is no row around this one.`;
  walk.root = outer;
  walk.outward += 1;
  walk.schemas = [outer.schema];
  return undefined;
}

function enter(walk: Walk, name: string): boolean {
  const link = lookUp(here(walk).links ?? {}, name);
  const target = link === undefined ? undefined : walk.root.schemas.find(link.target);
  if (link === undefined || target === undefined || !walk.root.isThere(target)) return false;
  walk.links.push(name);
  walk.schemas.push(target);
  walk.link = link;
  return true;
}

function arrive(walk: Walk): PathEnd {
  const { outward, links, field, prefix } = walk;
  const schema = here(walk);
  if (field !== undefined) return { kind: "field", outward, links, schema, field };
  if (prefix.length === 0) return { kind: "row", outward, links, schema, link: walk.link };
  const fields = fieldsOf(schema).filter(({ path }) => path.startsWith(`${prefix.join("/")}/`));
  return { kind: "group", outward, links, schema, fields };
}

function here({ schemas, root }: Walk): Schema {
  return schemas.at(-1) ?? root.schema;
}

function nothing(problem: string): PathEnd {
  return { kind: "nothing", problem };
}

function unknownForms(path: string): string {
  if (path.includes(":")) return "a schema that no link leads to cannot be joined; use IN with a sub-query.";
  return "rows of a link cannot be chosen by number; use a condition.";
}

function explain(schema: Schema, name: string, field: Field | undefined, isLast: boolean): string {
  const last = name.split("/").at(-1) ?? "";
  if (field === undefined || !isLast) return `${schemaId(schema)} has no field '${name}'.`;
  return isElementField(field)
    ? `Write ${last} for the element of that name.`
    : `Write @${last} for the attribute of that name.`;
}

/** Names come from outside: `constructor` must not be found. */
function lookUp<T>(table: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}
