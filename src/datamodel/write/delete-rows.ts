/** Deletes rows with what their links say shall go with them. */

import { sql } from "#foundation/sql.ts";
import type { Link } from "#schemas/schema.ts";

import { mayAccess } from "../rights/may-access.ts";
import { handedKeys } from "./columns.ts";
import { notSaved, stillReferenced, tooLarge } from "./errors.ts";
import { type FieldValue, isEmpty } from "./field-value.ts";
import {
  type Children,
  cutLinks,
  deleteChildren,
  findChildren,
  hasChildren,
  integrityOf,
  isSimple,
} from "./linked-rows.ts";
import { neededFields } from "./needed-fields.ts";
import { recordChanges } from "./record-changes.ts";
import { keyOf, type Row } from "./row.ts";
import { keyText } from "./row-index.ts";
import { deletedRow, ruleContext } from "./rule-row.ts";
import { planOf, type SchemaPlan } from "./schema-plan.ts";
import { ruleOf, type Session } from "./session.ts";

const deepest = 20;
/** Rows that are held in memory at once. */
const batchSize = 10_000;

/** Rows that are being deleted further up, by schema: they are neither found again nor in the way. */
type Doomed = ReadonlyMap<string, readonly Row[]>;

/**
 * Deletes rows that were read with the fields of `fieldsForDeletion`, after their rights were checked.
 * @throws stillReferenced, notSaved, tooLarge
 */
export async function deleteRows(
  session: Session,
  plan: SchemaPlan,
  rows: readonly Row[],
  doomed: Doomed = new Map(),
): Promise<void> {
  if (rows.length === 0) return;
  if (doomed.size > deepest) throw tooLarge({ problem: `rows that hang on rows go deeper than ${deepest}` });
  const rule = ruleOf(session, plan.id);
  const context = ruleContext(session, plan);
  const seen: Doomed = new Map([...doomed, [plan.id, [...(doomed.get(plan.id) ?? []), ...rows]]]);
  const shown = rows.map((row) => deletedRow(row, doomed.size > 0));
  await rule?.deleting?.(shown, context);
  await followLinks(session, plan, rows, seen);
  await deleteThemselves(session, plan, rows);
  for (const row of rows) row.isDeleted = true;
  await recordChanges(session, plan, rows);
  await rule?.deleted?.(shown, context);
}

/** Fields that have to be read of a row before it is deleted. */
export function fieldsForDeletion(session: Session, plan: SchemaPlan): readonly string[] {
  const linked = [...plan.links.values()].flatMap((link) =>
    integrityOf(link) === "neutral" ? [] : link.join.map(({ from }) => from),
  );
  return neededFields(session, plan, [], [...new Set([...plan.uniqueKeys.flat(), ...linked])]);
}

/** Refusals come first: a link may refuse only while rows are in some state that another link owns. */
async function followLinks(session: Session, plan: SchemaPlan, rows: readonly Row[], seen: Doomed): Promise<void> {
  const groups = childrenOf(session, plan, rows, seen);
  for (const { link, name, children, integrity } of groups) {
    if (integrity === "define" && (await hasChildren(session, children)))
      throw stillReferenced({ schema: plan.id, link: name, label: link.label, target: shownSchema(session, children) });
  }
  for (const { children, integrity } of groups) {
    if (integrity === "own" || integrity === "owncopy") await deleteOwned(session, children, seen);
    if (integrity === "normal") await cutLinks(session, children);
  }
}

/** What the viewer may not read has no name for him. */
function shownSchema({ viewer }: Session, { plan }: Children): string {
  return mayAccess(plan.schema, viewer, "read") ? plan.id : "another schema";
}

type Group = {
  readonly name: string;
  readonly link: Link;
  readonly integrity: NonNullable<Link["integrity"]>;
  readonly children: Children;
};

function childrenOf(session: Session, plan: SchemaPlan, rows: readonly Row[], seen: Doomed): Group[] {
  return [...plan.links].flatMap(([name, link]) => {
    const target = session.schemas.find(link.target);
    const integrity = integrityOf(link);
    if (integrity === "neutral" || target === undefined) return [];
    const there = planOf(target);
    const parents = new Map<string, readonly FieldValue[]>();
    for (const row of rows) {
      const values = link.join.map(({ from }) => row.stored.get(from) ?? null);
      const text = values.some(isEmpty) ? undefined : keyText(values);
      if (text !== undefined) parents.set(text, values);
    }
    const except = (seen.get(there.id) ?? []).map(keyOf);
    const paths = link.join.map(({ to }) => to);
    if (parents.size === 0) return [];
    const { schemas } = session;
    const children = { plan: there, paths, parents: [...parents.values()], except, where: link.where, schemas };
    return [{ name, link, integrity, children }];
  });
}

async function deleteOwned(session: Session, children: Children, seen: Doomed): Promise<void> {
  const { plan } = children;
  if (isSimple(session, plan)) {
    await deleteChildren(session, children);
    return;
  }
  const fields = fieldsForDeletion(session, plan);
  for (;;) {
    const rows = await findChildren(session, children, fields, batchSize);
    if (rows.some(({ mayDelete }) => !mayDelete))
      throw notSaved({ schema: plan.id, reason: "it would go with another row, and you may not delete it" });
    await deleteRows(session, plan, rows, seen);
    if (rows.length < batchSize) return;
  }
}

async function deleteThemselves({ tx }: Session, plan: SchemaPlan, rows: readonly Row[]): Promise<void> {
  const { handed, isSame } = handedKeys(
    plan,
    rows.map(({ stored }) => plan.primary.map((path) => stored.get(path))),
  );
  await tx.run`delete from ${sql.table(plan.schema.table)} as t using ${handed} where ${isSame}`;
}
