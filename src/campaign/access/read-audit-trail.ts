/** Reads the audit trail. */

import type { Statements } from "#foundation/database.ts";

import { type AuditEntry, type AuditFilter, listAuditEntries } from "./audit-trail-store.ts";

/** The newest entries that a filter lets through, the newest first; at most 1,000. */
export function readAuditTrail(db: Statements, filter: AuditFilter, limit = 100): Promise<readonly AuditEntry[]> {
  return listAuditEntries(db, filter, Math.min(Math.max(1, limit), 1_000));
}
