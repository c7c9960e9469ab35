/** The journal of a workflow, as operators read it. */

import type { Statements } from "#foundation/database.ts";

import { workflowUnknown } from "./errors.ts";
import { listJournalLines, type StoredJournalLine } from "./workflow-log-store.ts";
import { findWorkflowId } from "./workflow-store.ts";

/**
 * The newest lines, oldest first.
 * @param workflow its internal name
 * @throws workflowUnknown
 */
export async function readJournal(db: Statements, workflow: string, limit = 200): Promise<StoredJournalLine[]> {
  const id = await findWorkflowId(db, workflow);
  if (id === undefined) throw workflowUnknown({ workflow });
  return listJournalLines(db, id, limit);
}
