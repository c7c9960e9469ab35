/** Statements on sessions. */

import type { Statements } from "#foundation/database.ts";

import type { OperatorId } from "./operator.ts";
import { type Credentials, type OperatorRow, parseOperator } from "./operator-store.ts";

export type NewSession = {
  readonly tokenHash: Buffer;
  readonly operatorId: OperatorId;
  readonly credentialHash: Buffer;
  readonly isRemembered: boolean;
  readonly remoteAddress: string;
  readonly lifeSec: number;
};

export type StoredSession = {
  readonly sessionId: number;
  readonly operatorId: OperatorId;
  readonly credentialHash: Buffer;
  readonly created: Date;
  readonly remoteAddress: string;
  /** Undefined when the operator is gone, or is `internal`. */
  readonly credentials: Credentials | undefined;
};

/** Opens a session. */
export function insertSession(db: Statements, session: NewSession): Promise<number> {
  return db.run`
    insert into xtk_session_info (token_hash, operator_id, credential_hash, is_remembered, remote_address, expires)
    values (${session.tokenHash}, ${session.operatorId}, ${session.credentialHash}, ${session.isRemembered}, ${session.remoteAddress},
            now() + make_interval(secs => ${session.lifeSec}))`;
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
           o.operator_id as found_id, o.name, o.label, o.locale, o.timezone, o.password_hash, o.is_disabled,
           array(select r.right_name from xtk_operator_right r where r.operator_id = s.operator_id order by r.right_name) as rights
      from xtk_session_info s
      left join xtk_operator o on o.operator_id = s.operator_id
     where s.token_hash = ${tokenHash}
       and s.expires > now()
       and (s.is_remembered or ${idleSec}::int = 0 or s.last_access > now() - make_interval(secs => ${idleSec}))`;
}

/** Notes that a session was used; at most once a minute, since every request comes here. */
export function touchSession(db: Statements, sessionId: number): Promise<number> {
  return db.run`
    update xtk_session_info set last_access = now()
     where session_info_id = ${sessionId} and last_access < now() - interval '1 minute'`;
}

/** Ends a session. */
export function deleteSession(db: Statements, tokenHash: Buffer): Promise<number> {
  return db.run`delete from xtk_session_info where token_hash = ${tokenHash}`;
}

/** Forgets the sessions whose time is over. */
export function deleteExpiredSessions(db: Statements): Promise<number> {
  return db.run`delete from xtk_session_info where expires < now()`;
}

type SessionRow = OperatorRow & {
  session_info_id: number;
  found_id: number | null;
  credential_hash: Buffer;
  created: Date;
  remote_address: string;
  password_hash: string | null;
  is_disabled: boolean;
};

function parseSession(row: unknown): StoredSession {
  const found = row as SessionRow;
  return {
    sessionId: found.session_info_id,
    operatorId: found.operator_id,
    credentialHash: found.credential_hash,
    created: found.created,
    remoteAddress: found.remote_address,
    credentials:
      found.found_id === null
        ? undefined
        : {
            operator: parseOperator(found),
            passwordHash: found.password_hash ?? undefined,
            isDisabled: found.is_disabled,
          },
  };
}
