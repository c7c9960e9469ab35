/** Statements on sessions. */

import type { Statements } from "#foundation/database.ts";

import type { OperatorId } from "./operator.ts";
import { type Credentials, operatorColumns, type OperatorRow, parseCredentials } from "./operator-store.ts";

export type NewSession = {
  readonly tokenHash: Buffer;
  readonly operatorId: OperatorId;
  readonly credentialHash: Buffer;
  readonly isRemembered: boolean;
  readonly remoteAddress: string;
  /** Names of the zones that it is opened from, for who reads the list of sessions. */
  readonly zone: string;
  readonly lifeSec: number;
};

export type StoredSession = {
  readonly sessionId: number;
  readonly operatorId: OperatorId;
  readonly credentialHash: Buffer;
  readonly created: Date;
  readonly remoteAddress: string;
  /** It was last noted more than a minute ago that the session is used. */
  readonly isUseDue: boolean;
  /** Undefined when the operator is gone, or is `internal`. */
  readonly credentials: Credentials | undefined;
};

/** Opens a session. */
export function insertSession(db: Statements, session: NewSession): Promise<number> {
  return db.run`
    insert into xtk_session_info (token_hash, operator_id, credential_hash, is_remembered, remote_address, zone, expires)
    values (${session.tokenHash}, ${session.operatorId}, ${session.credentialHash}, ${session.isRemembered}, ${session.remoteAddress},
            ${session.zone}, now() + make_interval(secs => ${session.lifeSec}))`;
}

/**
 * Finds a session that is alive, with its operator as he is now.
 * @param idleSec 0 = sessions do not end by idleness
 */
export function findLiveSession(
  db: Statements,
  tokenHash: Buffer,
  idleSec: number,
): Promise<StoredSession | undefined> {
  return db.first(parseSession)`
    select s.session_info_id, s.operator_id, s.credential_hash, s.created, s.remote_address,
           s.last_access < now() - interval '1 minute' as is_use_due,
           ${operatorColumns}
      from xtk_session_info s
      left join xtk_operator o on o.operator_id = s.operator_id
     where s.token_hash = ${tokenHash}
       and s.expires > now()
       and (s.is_remembered or ${idleSec}::int = 0 or s.last_access > now() - make_interval(secs => ${idleSec}))`;
}

/** Notes that a session is used; called once a minute at most, since every request comes here. */
export function touchSession(db: Statements, sessionId: number): Promise<number> {
  return db.run`
    update xtk_session_info set last_access = now()
     where session_info_id = ${sessionId} and last_access < now() - interval '1 minute'`;
}

/** Ends a session. @returns whose it was and from where it was opened; undefined when there was none */
export function deleteSession(
  db: Statements,
  tokenHash: Buffer,
): Promise<{ operatorId: OperatorId; address: string } | undefined> {
  return db.first(parseEnded)`
    delete from xtk_session_info where token_hash = ${tokenHash} returning operator_id, remote_address`;
}

/** Forgets the sessions whose time is over. */
export function deleteExpiredSessions(db: Statements): Promise<number> {
  return db.run`delete from xtk_session_info where expires < now()`;
}

type SessionRow = Omit<OperatorRow, "found_id"> & {
  session_info_id: number;
  operator_id: number;
  found_id: number | null;
  credential_hash: Buffer;
  created: Date;
  remote_address: string;
  is_use_due: boolean;
};

function parseSession(row: unknown): StoredSession {
  const found = row as SessionRow;
  return {
    sessionId: found.session_info_id,
    operatorId: found.operator_id,
    credentialHash: found.credential_hash,
    created: found.created,
    remoteAddress: found.remote_address,
    isUseDue: found.is_use_due,
    credentials: found.found_id === null ? undefined : parseCredentials(found),
  };
}

function parseEnded(row: unknown): { operatorId: OperatorId; address: string } {
  const { operator_id, remote_address } = row as { operator_id: number; remote_address: string };
  return { operatorId: operator_id, address: remote_address };
}
