/** Writes to the audit trail what happens to access itself: logons, passwords, tokens, rights. */

import type { Statements } from "#foundation/database.ts";

import { insertAuditEvent } from "./audit-trail-store.ts";

export type AuditAction =
  | "logon"
  | "logoff"
  | "passwordChanged"
  | "passwordReset"
  | "operatorCreated"
  | "operatorDisabled"
  | "operatorEnabled"
  | "rightsChanged"
  | "sessionsEnded"
  | "tokenCreated"
  | "tokenRevoked";

export type AuditEvent = {
  /** Who did it; 0 and an empty login for whoever holds the server's command line. */
  readonly operatorId: number;
  readonly login: string;
  readonly address: string;
  readonly action: AuditAction;
  /** What it was done to, such as the login of another operator. */
  readonly entityKey?: string;
  readonly changes?: Readonly<Record<string, unknown>>;
};

/** Adds an entry; in a transaction it stands or falls with what it tells of. */
export async function recordAuditEvent(db: Statements, event: AuditEvent): Promise<void> {
  await insertAuditEvent(db, event);
}
