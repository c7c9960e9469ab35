/** Statements on the audit trail of access; what the data model's writer changes, it enters there itself. */

import type { Statements } from "#foundation/database.ts";

import type { AuditEvent } from "./record-audit-event.ts";

export type AuditEntry = {
  readonly auditTrailId: number;
  readonly created: Date;
  readonly login: string;
  readonly address: string;
  readonly action: string;
  readonly schemaName: string;
  readonly entityKey: string;
  readonly entityLabel: string;
  readonly changes: unknown;
};

export type AuditFilter = {
  /** Each is left out when it does not matter. */
  readonly login?: string | undefined;
  readonly schemaName?: string | undefined;
  readonly entityKey?: string | undefined;
  readonly since?: Date | undefined;
};

/** Adds an entry about an operator. */
export function insertAuditEvent(db: Statements, event: AuditEvent): Promise<number> {
  const { operatorId, login, address, action, entityKey = login, changes = {} } = event;
  return db.run`
    insert into xtk_audit_trail (operator_id, login, address, action, schema_name, entity_key, entity_label, changes)
    values (${operatorId}, ${login}, ${address}, ${action}, 'xtk:operator', ${entityKey}, ${entityKey}, ${JSON.stringify(changes)}::jsonb)`;
}

/** The newest entries, the newest first. */
export function listAuditEntries(db: Statements, filter: AuditFilter, limit: number): Promise<AuditEntry[]> {
  const { login = null, schemaName = null, entityKey = null, since = null } = filter;
  return db.rows(parseEntry)`
    select audit_trail_id, created, login, address, action, schema_name, entity_key, entity_label, changes
      from xtk_audit_trail
     where (${login}::text is null or login = ${login}) and (${schemaName}::text is null or schema_name = ${schemaName})
       and (${entityKey}::text is null or entity_key = ${entityKey}) and (${since}::timestamptz is null or created >= ${since})
     order by audit_trail_id desc
     limit ${limit}`;
}

function parseEntry(row: unknown): AuditEntry {
  const found = row as Record<string, unknown> & {
    audit_trail_id: number;
    created: Date;
    login: string;
    address: string;
    action: string;
    schema_name: string;
    entity_key: string;
    entity_label: string;
  };
  return {
    auditTrailId: found.audit_trail_id,
    created: found.created,
    login: found.login,
    address: found.address,
    action: found.action,
    schemaName: found.schema_name,
    entityKey: found.entity_key,
    entityLabel: found.entity_label,
    changes: found["changes"],
  };
}
