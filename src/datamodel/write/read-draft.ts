/** Reads what a client wants written against its schemas: every name is known, every value of its type. */

import { findField } from "#schemas/fields.ts";
import type { Link } from "#schemas/schema.ts";

import { mayAccess } from "../rights/may-access.ts";
import { isServer } from "../viewer.ts";
import type { Draft } from "./draft.ts";
import type { EntityInput, RawValue } from "./entity-input.ts";
import { notSaved, tooLarge, unknownField, unknownLink, unknownSchema } from "./errors.ts";
import type { FieldValue } from "./field-value.ts";
import { keyBehindLink } from "./key-path.ts";
import { parseValue, readValue } from "./parse-value.ts";
import { none, nothing } from "./row.ts";
import { planOf, type SchemaPlan } from "./schema-plan.ts";
import type { WriteContext } from "./write-context.ts";

const deepest = 20;

/**
 * Reads an entity with its links and collections.
 * @throws unknownSchema, unknownField, unknownLink, invalidValue, notSaved, tooLarge
 */
export function readDraft(context: WriteContext, input: EntityInput): Draft {
  const plan = planFor(context, input.schema);
  if (input.operation !== "none") requireWriting(context, plan);
  return readEntity(context, plan, input, 0);
}

/**
 * Refuses who may not write rows of a schema at all.
 * @throws notSaved
 */
export function requireWriting({ viewer }: Pick<WriteContext, "viewer">, plan: SchemaPlan): void {
  if (!mayAccess(plan.schema, viewer, "write"))
    throw notSaved({ schema: plan.id, reason: "it takes a right that you do not have" });
}

/**
 * The plan of a schema that the viewer may read.
 * @throws unknownSchema
 */
export function planFor({ schemas, viewer }: Pick<WriteContext, "schemas" | "viewer">, id: string): SchemaPlan {
  const schema = schemas.find(id);
  if (schema === undefined || !mayAccess(schema, viewer, "read")) throw unknownSchema({ schema: id });
  return planOf(schema);
}

function readEntity(context: WriteContext, plan: SchemaPlan, input: EntityInput, depth: number): Draft {
  if (depth > deepest) throw tooLarge({ problem: `entities within entities go deeper than ${deepest}` });
  const { values, computed, extras } = readValues(context, plan, input.values);
  return {
    plan,
    operation: input.operation ?? "insertOrUpdate",
    values,
    resolved: none,
    computed,
    extras,
    key: input.key === undefined || input.key.length === 0 ? undefined : input.key,
    links: readLinks(context, plan, input, depth),
    collections: readCollections(context, plan, input.collections, depth),
    row: undefined,
    effect: "nothing",
    overtaken: 0,
  };
}

function readValues(
  context: WriteContext,
  plan: SchemaPlan,
  given: ReadonlyMap<string, RawValue>,
): Pick<Draft, "values" | "computed" | "extras"> {
  const { timezone } = context.viewer;
  const options = { schema: plan.id, timezone };
  const values = new Map<string, FieldValue>();
  let extras: Draft["extras"] = nothing;
  let computed: Draft["computed"] = nothing;
  const { extras: declared, readers } = context.rules.get(plan.id) ?? {};
  for (const [path, raw] of given) {
    const extra = declared?.[path];
    const field = findField(plan.schema, path);
    if (extra !== undefined) extras = new Map([...extras, [path, readValue(path, extra, raw, options)]]);
    else if (field === undefined) readInternal(context, plan, path, raw, values);
    else if (field.kind !== "computed") values.set(path, readWith(readers?.[path], parseValue(field, raw, options)));
    else if (raw !== null && raw !== "") computed = new Map([...computed, [path, raw]]);
  }
  return { values, computed, extras };
}

function readWith(reader: ((value: FieldValue) => FieldValue) | undefined, value: FieldValue): FieldValue {
  return reader === undefined || value === null || value === "" ? value : reader(value);
}

/** Internal fields are not there for clients; the product itself may write them. */
function readInternal(
  { viewer }: WriteContext,
  plan: SchemaPlan,
  path: string,
  raw: RawValue,
  values: Map<string, FieldValue>,
): void {
  const attribute = plan.schema.attributes[path];
  if (attribute === undefined || !isServer(viewer)) throw unknownField({ schema: plan.id, field: path });
  values.set(path, readValue(path, attribute, raw, { schema: plan.id, timezone: viewer.timezone }));
}

/** Whether a linked row is written shows only when it differs: a row that is just named needs no right to write it. */
function readLinks(
  context: WriteContext,
  plan: SchemaPlan,
  { links: given, key }: EntityInput,
  depth: number,
): ReadonlyMap<string, Draft> {
  if (given.size === 0) return nothing;
  const links = new Map<string, Draft>();
  for (const [name, input] of given) {
    const target = targetOf(context, plan, name, "one");
    const inherited = input.key ?? keyBehindLink(plan, key ?? [], name);
    links.set(
      name,
      readEntity(context, target, inherited === undefined ? input : { ...input, key: inherited }, depth + 1),
    );
  }
  return links;
}

function readCollections(
  context: WriteContext,
  plan: SchemaPlan,
  given: EntityInput["collections"],
  depth: number,
): ReadonlyMap<string, readonly Draft[]> {
  if (given.size === 0) return nothing;
  const collections = new Map<string, readonly Draft[]>();
  for (const [name, items] of given) {
    const target = targetOf(context, plan, name, "many");
    if (items.some(({ operation }) => operation !== "none")) requireWriting(context, target);
    collections.set(
      name,
      items.map((item) => readEntity(context, target, item, depth + 1)),
    );
  }
  return collections;
}

/** A link to what the viewer may not read is none. */
function targetOf(context: WriteContext, plan: SchemaPlan, name: string, cardinality: Link["cardinality"]): SchemaPlan {
  const link = plan.links.get(name);
  const target = link?.cardinality === cardinality ? context.schemas.find(link.target) : undefined;
  if (target === undefined || !mayAccess(target, context.viewer, "read"))
    throw unknownLink({ schema: plan.id, link: name });
  return planOf(target);
}
