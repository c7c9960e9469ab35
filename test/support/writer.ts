/** Builds what the writer is handed, and reads what it stored. */

import { randomBytes } from "node:crypto";

import { writeRules } from "#campaign/entities/write-rules.ts";
import { server, type Viewer } from "#datamodel/viewer.ts";
import type { WriteContext } from "#datamodel/write/write-context.ts";
import type { Database, Statements } from "#foundation/database.ts";
import { secretsFromKey } from "#foundation/secrets.ts";
import { sql } from "#foundation/sql.ts";
import { builtInSchemas } from "#schemas/schema-set.ts";

import { aDatabase } from "./database.ts";
import type { Ending } from "./endings.ts";

/** An operator with every right. */
export const administrator: Viewer = { ...server, operatorId: 1001, login: "admin" };

/** An operator with some rights, none when not given. */
export function aViewer(given: Partial<Viewer> = {}): Viewer {
  return { ...server, operatorId: 2001, login: "ann", rights: [], ...given };
}

/**
 * A writer with the rules of the domain, for an administrator unless somebody else is given. The templates that an instance
 * begins with are taken away, so that a test sees its own rows alone.
 */
export async function aWriter(t: Ending, given: Partial<WriteContext> = {}): Promise<WriteContext> {
  const db = given.db ?? (await aDatabase(t));
  await db.run`delete from nms_delivery where delivery_id <= 1000`;
  return {
    db,
    schemas: builtInSchemas,
    viewer: administrator,
    rules: writeRules,
    secrets: secretsFromKey(randomBytes(32)),
    ...given,
  };
}

/** The rows of a table as arrays of the columns asked for, in their order. */
export function tableRows(db: Statements, table: string, columns: string, where = "true"): Promise<unknown[][]> {
  return db.rows((row) => Object.values(row as object))`
    select ${sql.raw(columns)} from ${sql.raw(table)} where ${sql.raw(where)} order by 1, 2`;
}

/** The same database; `count` says how many statements its transactions have run. */
export function countingStatements(db: Database): { readonly db: Database; readonly count: () => number } {
  let count = 0;
  const counted = (statements: Statements): Statements => ({
    ...statements,
    rows:
      (parse) =>
      (strings, ...values) => {
        count += 1;
        return statements.rows(parse)(strings, ...values);
      },
    first:
      (parse) =>
      (strings, ...values) => {
        count += 1;
        return statements.first(parse)(strings, ...values);
      },
    run: (strings, ...values) => {
      count += 1;
      return statements.run(strings, ...values);
    },
  });
  return {
    db: { ...db, transaction: (work) => db.transaction((tx) => work(counted(tx))) },
    count: () => count,
  };
}
