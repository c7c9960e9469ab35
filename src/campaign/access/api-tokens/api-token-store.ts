/** Statements on API tokens. */

import type { Statements } from "#foundation/database.ts";

import type { OperatorId } from "../operator.ts";
import { type Credentials, operatorColumns, parseCredentials } from "../operator-store.ts";
import { type ApiTokenEntry, splitScopes } from "./api-token.ts";

export type NewApiToken = {
  readonly operatorId: OperatorId;
  readonly label: string;
  readonly hash: Buffer;
  readonly hint: string;
  readonly scopes: string;
  readonly expires: Date | undefined;
  readonly createdBy: string;
};

export type StoredApiToken = {
  readonly tokenId: number;
  readonly scopes: readonly string[];
  readonly credentials: Credentials;
};

/** Stores a token. @returns its id */
export async function insertApiToken(db: Statements, token: NewApiToken): Promise<number> {
  const { operatorId, label, hash, hint, scopes, expires = null, createdBy } = token;
  const tokenId = await db.first((row) => (row as { api_token_id: number }).api_token_id)`
    insert into xtk_api_token (operator_id, name, secret_hash, hint, scopes, expires, created_by)
    values (${operatorId}, ${label}, ${hash}, ${hint}, ${scopes}, ${expires}, ${createdBy})
    returning api_token_id`;
  return tokenId ?? 0;
}

/** Finds a token that is neither revoked nor out of date, with its operator as he is now. */
export function findLiveApiToken(db: Statements, hash: Buffer): Promise<StoredApiToken | undefined> {
  return db.first(parseStored)`
    select t.api_token_id, t.scopes, ${operatorColumns}
      from xtk_api_token t join xtk_operator o on o.operator_id = t.operator_id
     where t.secret_hash = ${hash} and t.revoked is null and (t.expires is null or t.expires > now())`;
}

/** Notes that a token was used; at most once a minute for one address, since every request comes here. */
export function touchApiToken(db: Statements, tokenId: number, address: string): Promise<number> {
  return db.run`
    update xtk_api_token set last_used = now(), last_address = ${address}
     where api_token_id = ${tokenId}
       and (last_used is null or last_used < now() - interval '1 minute' or last_address <> ${address})`;
}

/** Tokens, the newest first. @param operatorId undefined = of all operators */
export function listTokens(db: Statements, operatorId: OperatorId | undefined): Promise<ApiTokenEntry[]> {
  return db.rows(parseEntry)`
    select t.api_token_id, t.name, t.hint, t.scopes, t.created, t.expires, t.last_used, t.last_address, t.revoked, o.name as login
      from xtk_api_token t join xtk_operator o on o.operator_id = t.operator_id
     where ${operatorId ?? null}::bigint is null or t.operator_id = ${operatorId ?? null}
     order by t.api_token_id desc
     limit 1000`;
}

/** Ends a token. @param operatorId undefined = whoever has it. @returns whose it was; undefined when there is none that lives */
export function revokeToken(
  db: Statements,
  tokenId: number,
  operatorId: OperatorId | undefined,
): Promise<{ login: string; label: string } | undefined> {
  return db.first((row) => row as { login: string; label: string })`
    update xtk_api_token t set revoked = now()
      from xtk_operator o
     where o.operator_id = t.operator_id and t.api_token_id = ${tokenId} and t.revoked is null
       and (${operatorId ?? null}::bigint is null or t.operator_id = ${operatorId ?? null})
    returning o.name as login, t.name as label`;
}

function parseStored(row: unknown): StoredApiToken {
  const { api_token_id, scopes } = row as { api_token_id: number; scopes: string };
  return { tokenId: api_token_id, scopes: splitScopes(scopes), credentials: parseCredentials(row) };
}

function parseEntry(row: unknown): ApiTokenEntry {
  const found = row as {
    api_token_id: number;
    name: string;
    hint: string;
    scopes: string;
    created: Date;
    expires: Date | null;
    last_used: Date | null;
    last_address: string;
    revoked: Date | null;
    login: string;
  };
  return {
    tokenId: found.api_token_id,
    label: found.name,
    hint: found.hint,
    login: found.login,
    scopes: splitScopes(found.scopes),
    created: found.created,
    expires: found.expires ?? undefined,
    lastUsed: found.last_used ?? undefined,
    lastAddress: found.last_address,
    isRevoked: found.revoked !== null,
  };
}
