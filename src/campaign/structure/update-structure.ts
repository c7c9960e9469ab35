/** Brings the tables of an instance to what its operators' schemas ask for; what would change can be seen before. */

import { structureBusy, structureRefused, structureWouldLose } from "#datamodel/extension/errors.ts";
import { planStructure, type StructurePlan } from "#datamodel/extension/plan-structure.ts";
import type { Database, Statements } from "#foundation/database.ts";
import { describeError } from "#foundation/errors.ts";
import { sql } from "#foundation/sql.ts";
import { builtInSchemas } from "#schemas/schema-set.ts";

import { mergeDocuments } from "./merge-documents.ts";
import { limitLockWaits, lockSources, markApplied, readWrittenDocuments, runStatement } from "./src-schema-store.ts";

/** Another update may take its time. */
const updateWaitMs = 60_000;

/** Whoever comes after a statement that waits for a table waits with it: the platform must not stand still for long. */
const tableWaitMs = 3_000;

type Manner = {
  /** Allows columns and tables to go whose schemas are gone. */
  readonly mayLose: boolean;
};

/**
 * What `updateStructure` would do.
 * @throws extensionInvalid
 */
export function planUpdate(db: Database, manner: Manner): Promise<StructurePlan> {
  return db.transaction((tx) => planWithin(tx, manner));
}

/**
 * Changes the tables, all in one transaction, and lets the schemas take effect. Two updates take turns.
 * @param onPlan is told the plan before the first statement runs
 * @throws extensionInvalid, structureWouldLose, structureBusy, structureRefused
 */
export function updateStructure(
  db: Database,
  manner: Manner,
  onPlan: (plan: StructurePlan) => void = () => undefined,
): Promise<StructurePlan> {
  return db.transaction(async (tx) => {
    await limitLockWaits(tx, updateWaitMs);
    await lockSources(tx).catch((cause: unknown) => {
      throw explain(cause, undefined, updateWaitMs);
    });
    const plan = await planWithin(tx, manner);
    onPlan(plan);
    if (plan.losses.length > 0 && !manner.mayLose) throw structureWouldLose({ losses: plan.losses });
    await limitLockWaits(tx, tableWaitMs);
    for (const statement of plan.statements)
      await runStatement(tx, sql.raw(statement)).catch((cause: unknown) => {
        throw explain(cause, statement, tableWaitMs);
      });
    await markApplied(tx);
    return plan;
  });
}

async function planWithin(tx: Statements, { mayLose }: Manner): Promise<StructurePlan> {
  const merged = mergeDocuments(await readWrittenDocuments(tx));
  return planStructure(tx, { builtIn: builtInSchemas.all(), merged, mayLose }).catch((cause: unknown) => {
    throw explain(cause, "create schema", tableWaitMs);
  });
}

function explain(cause: unknown, statement: string | undefined, waitedMs: number): unknown {
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
  const shown = statement?.split("\n", 1)[0]?.replace(/;$/, "").slice(0, 200);
  if (code === "55P03") return structureBusy({ statement: shown, waitedMs }, { cause });
  // Values, keys, things that depend on others, names: what the operator can put right.
  if (shown !== undefined && /^(0A|22|23|2B|42|54)/.test(code))
    return structureRefused({ statement: shown, reason: describeRefusal(cause) }, { cause });
  return cause;
}

/** PostgreSQL's detail names the value, or the object, that is in the way. */
function describeRefusal(cause: unknown): string {
  const detail =
    cause instanceof Error && "detail" in cause && typeof cause.detail === "string" ? ` (${cause.detail})` : "";
  return `${describeError(cause)}${detail}`;
}
