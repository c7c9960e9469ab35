/** Checks that the keys of links lead to rows that are there, for whoever writes them. */

import { sql } from "#foundation/sql.ts";
import type { Link } from "#schemas/schema.ts";

import { mayAccess } from "../rights/may-access.ts";
import { rowRights } from "../rights/row-rights.ts";
import { isServer } from "../viewer.ts";
import { fieldSql, handedField, handedTable } from "./columns.ts";
import { referenceUnknown } from "./errors.ts";
import { type FieldValue, isEmpty } from "./field-value.ts";
import { isChanged, type Row, valueOf } from "./row.ts";
import { keyText } from "./row-index.ts";
import { planOf, type SchemaPlan } from "./schema-plan.ts";
import type { Session } from "./session.ts";

/**
 * Checks each link whose key a client gave directly, with one statement for the link.
 * @throws referenceUnknown
 */
export async function checkReferences(session: Session, plan: SchemaPlan, rows: readonly Row[]): Promise<void> {
  for (const link of plan.links.values()) {
    if (link.cardinality !== "one" || isKept(plan, link)) continue;
    const wanted = wantedKeys(link, rows);
    if (wanted.size > 0) await checkLink(session, plan, link, [...wanted.values()]);
  }
}

/** The writer fills stamps itself, and a row's own id leads to what hangs on the row. */
function isKept({ stamps, sequenced }: SchemaPlan, { join }: Link): boolean {
  return join.some(({ from }) => stamps.has(from) || from === sequenced);
}

function wantedKeys({ join }: Link, rows: readonly Row[]): Map<string, readonly FieldValue[]> {
  const wanted = new Map<string, readonly FieldValue[]>();
  for (const row of rows) {
    if (!join.some(({ from }) => isChanged(row, from) && !row.resolved.has(from))) continue;
    const values = join.map(({ from }) => valueOf(row, from) ?? null);
    const text = values.some(isEmpty) ? undefined : keyText(values);
    if (text !== undefined) wanted.set(text, values);
  }
  return wanted;
}

async function checkLink(
  { tx, schemas, viewer }: Session,
  plan: SchemaPlan,
  link: Link,
  values: readonly (readonly FieldValue[])[],
): Promise<void> {
  const field = link.join.map(({ from }) => from).join(", ");
  const target = schemas.find(link.target);
  if (target === undefined || (target.isHidden !== true && !mayAccess(target, viewer, "read")))
    throw referenceUnknown({ schema: plan.id, field, target: link.target });
  const there = planOf(target);
  const handed = handedTable(
    "x",
    link.join.map(({ to }, at) =>
      handedField(
        there,
        to,
        `k${at}`,
        values.map((combination) => combination[at]),
      ),
    ),
  );
  const same = link.join.map(({ to }, at) => sql`${fieldSql(there, to, "t")} = ${sql.id("x", `k${at}`)}`);
  const rights = isServer(viewer)
    ? undefined
    : rowRights({ schema: target, schemas, viewer, purpose: "read", alias: "t" });
  const missing = await tx.first(() => true)`
    select from ${handed}
     where not exists (select from ${sql.table(target.table)} as t where ${sql.join(same, sql` and `)} and ${rights ?? sql`true`})
     limit 1`;
  if (missing === true) throw referenceUnknown({ schema: plan.id, field, target: link.target });
}
