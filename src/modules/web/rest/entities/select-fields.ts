/** Turns the list of fields that a client wants into what is selected: fields, fields behind links, rows behind links to many. */

import type { SelectNode } from "#datamodel/query-def/query-def.ts";
import { type Field, fieldsOf, findField, writtenPath } from "#schemas/fields.ts";
import type { Schema } from "#schemas/schema.ts";

import { type FieldError, refuseFields } from "../refusal.ts";
import type { Reach } from "./reach.ts";

/** Texts and documents that would make a list heavy; whoever wants them names them. */
const heavyTypes = new Set(["memo", "json", "xml", "blob"]);

/** Links that one path may lead through. */
const mostSteps = 6;
/** Rows of a link to many that are answered with each row. */
const mostNested = 100;

type Wanted = { readonly fields: Set<string>; readonly nested: Map<string, Wanted> };

/**
 * Reads `email,folder/name,rcpGrpRel/group/name`. `*` stands for every field, `folder/*` for those of a link; a link alone
 * for the key of what it leads to.
 * @param fields undefined: every field, in a list without the heavy ones
 * @throws requestInvalid naming what does not exist
 */
export function selectFields(
  reach: Reach,
  schema: Schema,
  fields: string | undefined,
  isList: boolean,
): readonly SelectNode[] {
  const wanted = emptyWish();
  const errors: FieldError[] = [];
  const names = fields === undefined ? [isList ? "" : "*"] : fields.split(",").map((name) => name.trim());
  if (names.length > 500) throw refuseFields([{ field: "fields", message: "More than 500 fields are named." }]);
  for (const name of names) {
    if (fields === undefined && name === "") wishLight(wanted, schema);
    else if (name.length > 500 || !wish(reach, schema, name, wanted))
      errors.push({ field: "fields", message: `There is no field or link '${name.slice(0, 100)}' here.` });
  }
  if (errors.length > 0) throw refuseFields(errors);
  return toNodes(wanted);
}

/** How many rows with these fields one page may hold: long texts and rows within rows add up. */
export function mostRowsOf(schema: Schema, select: readonly SelectNode[]): number {
  if (select.some(({ nested }) => nested !== undefined)) return 1_000;
  const heavy = new Set(
    fieldsOf(schema)
      .filter(({ type }) => heavyTypes.has(type))
      .map((field) => `[${writtenPath(field)}]`),
  );
  return select.some(({ expr }) => heavy.has(expr)) ? 500 : Number.POSITIVE_INFINITY;
}

/** The parts of a path that are names of links, and the field or link that it ends in. */
function wish(reach: Reach, schema: Schema, path: string, wanted: Wanted): boolean {
  const steps = path.replaceAll("@", "").split("/");
  let [here, prefix, into] = [schema, "", wanted];
  for (let step = 0; step < Math.min(steps.length, mostSteps); step += 1) {
    const rest = steps.slice(step).join("/");
    const found = matching(here, rest);
    if (found.length > 0) {
      for (const field of found) into.fields.add(prefix + writtenPath(field));
      return true;
    }
    const link = reach.linkOf(here, steps[step] ?? "");
    if (link === undefined) return false;
    if (link.cardinality === "many") {
      const nested = into.nested.get(`${prefix}${link.name}`) ?? emptyWish();
      into.nested.set(`${prefix}${link.name}`, nested);
      [here, prefix, into] = [link.target, "", nested];
    } else [here, prefix] = [link.target, `${prefix}${link.name}/`];
    if (step === steps.length - 1) {
      for (const field of keyFields(here)) into.fields.add(prefix + writtenPath(field));
      return true;
    }
  }
  return false;
}

/** One field, all of them (`*`), or all below a name (`location`). */
function matching(schema: Schema, path: string): readonly Field[] {
  if (path === "*") return fieldsOf(schema);
  const field = findField(schema, path);
  return field === undefined ? fieldsOf(schema).filter((each) => each.path.startsWith(`${path}/`)) : [field];
}

function wishLight(wanted: Wanted, schema: Schema): void {
  for (const field of fieldsOf(schema)) if (!heavyTypes.has(field.type)) wanted.fields.add(writtenPath(field));
}

/** The fields of the primary key. */
export function keyFields(schema: Schema): readonly Field[] {
  return schema.keys[0].attributes.map((path) => findField(schema, path)).filter((field) => field !== undefined);
}

function emptyWish(): Wanted {
  return { fields: new Set(), nested: new Map() };
}

function toNodes({ fields, nested }: Wanted): SelectNode[] {
  return [
    ...[...fields].map((expr) => ({ expr: `[${expr}]` })),
    ...[...nested].map(([expr, wanted]) => ({ expr, nested: { select: toNodes(wanted), lineCount: mostNested } })),
  ];
}
