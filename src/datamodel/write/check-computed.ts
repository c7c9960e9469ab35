/** Looks at computed values that clients send back with what they read: they are accepted as they are, and refused when changed. */

import { findField, writtenPath } from "#schemas/fields.ts";
import type { AttributeType } from "#schemas/schema.ts";

import { runQuery } from "../query-def/run-query.ts";
import type { Draft } from "./draft.ts";
import type { RawValue } from "./entity-input.ts";
import { readOnlyField } from "./errors.ts";
import { comparable, isEmpty } from "./field-value.ts";
import { readValue } from "./parse-value.ts";
import { valueOf } from "./row.ts";
import type { SchemaPlan } from "./schema-plan.ts";
import type { Session } from "./session.ts";

/** Ids in one query: an expression has a limit. */
const batchSize = 500;

/**
 * Compares before anything is stored. A new row computes nothing yet: only what is empty is accepted.
 * @throws readOnlyField
 */
export async function checkComputed(session: Session, plan: SchemaPlan, drafts: readonly Draft[]): Promise<void> {
  const given = drafts.filter(({ computed, row }) => computed.size > 0 && row !== undefined && !row.isDeleted);
  for (const draft of given) if (draft.row?.isNew !== false) refuseAny(plan, draft, new Map());
  const known = given.filter(({ row }) => row?.isNew === false);
  for (let at = 0; at < known.length; at += batchSize) await checkSome(session, plan, known.slice(at, at + batchSize));
}

async function checkSome(session: Session, plan: SchemaPlan, drafts: readonly Draft[]): Promise<void> {
  const [first] = drafts;
  if (first === undefined) return;
  const paths = [...new Set(drafts.flatMap(({ computed }) => [...computed.keys()]))];
  const present = await readComputed(session, plan, paths, drafts.map(idOf));
  for (const draft of drafts) refuseAny(plan, draft, present.get(idOf(draft)) ?? new Map());
}

function idOf({ row, plan }: Draft): string {
  return row === undefined ? "" : comparable(valueOf(row, plan.sequenced ?? "") ?? null);
}

/** Only rows with an id are compared: others have no computed fields that a client could have read alone. */
async function readComputed(
  { tx, schemas, viewer }: Session,
  plan: SchemaPlan,
  paths: readonly string[],
  ids: readonly string[],
): Promise<ReadonlyMap<string, ReadonlyMap<string, unknown>>> {
  const wanted = ids.filter((id) => /^-?\d+$/.test(id));
  if (plan.sequenced === undefined || wanted.length === 0) return new Map();
  const result = await runQuery(
    { db: tx, schemas, viewer },
    {
      schema: plan.id,
      operation: "select",
      select: [plan.sequenced, ...paths].map((path) => ({ expr: expressionOf(plan, path) })),
      where: [
        { kind: "expression", expr: `${expressionOf(plan, plan.sequenced)} in (${[...new Set(wanted)].join(", ")})` },
      ],
      lineCount: batchSize,
    },
  );
  if (result.kind !== "rows") return new Map();
  return new Map(
    result.rows.map(([id, ...cells]) => [String(id), new Map(paths.map((path, at) => [path, cells[at]] as const))]),
  );
}

function expressionOf(plan: SchemaPlan, path: string): string {
  const field = findField(plan.schema, path);
  return field === undefined ? path : `[${writtenPath(field)}]`;
}

function refuseAny(plan: SchemaPlan, { computed }: Draft, present: ReadonlyMap<string, unknown>): void {
  for (const [path, raw] of computed)
    if (textOf(plan, path, raw) !== textOf(plan, path, rawCell(present.get(path))))
      throw readOnlyField({ schema: plan.id, field: path });
}

function rawCell(cell: unknown): RawValue {
  if (cell instanceof Date) return cell.toISOString();
  return typeof cell === "string" || typeof cell === "number" || typeof cell === "boolean" ? cell : null;
}

/** Null, an empty text and 0 are the same here: documents cannot tell them apart. */
function textOf(plan: SchemaPlan, path: string, raw: RawValue): string {
  const field = findField(plan.schema, path);
  const type: AttributeType = field?.type ?? "string";
  const value = readValue(path, { type, label: "" }, raw, { schema: plan.id });
  return isEmpty(value) || value === false ? "" : comparable(value);
}
