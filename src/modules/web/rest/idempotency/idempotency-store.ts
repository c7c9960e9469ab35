/** Statements on answers that are kept by the keys of their requests. */

import type { Statements } from "#foundation/database.ts";

export type KeptAnswer = {
  readonly requestHash: Buffer;
  readonly isDone: boolean;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
};

/** Takes a key for a request. @returns false when it is taken already */
export async function claimKey(db: Statements, keyHash: Buffer, requestHash: Buffer): Promise<boolean> {
  const claimed = await db.run`
    insert into xtk_idempotency_key (key_hash, request_hash) values (${keyHash}, ${requestHash})
    on conflict (key_hash) do nothing`;
  return claimed === 1;
}

/** What is kept under a key. */
export function findAnswer(db: Statements, keyHash: Buffer): Promise<KeptAnswer | undefined> {
  return db.first(parseAnswer)`
    select request_hash, state, status, headers, body from xtk_idempotency_key where key_hash = ${keyHash}`;
}

/** Keeps the answer of the request that took the key. */
export function keepAnswer(
  db: Statements,
  keyHash: Buffer,
  answer: { status: number; headers: Readonly<Record<string, string>>; body: string | undefined },
): Promise<number> {
  return db.run`
    update xtk_idempotency_key
       set state = 'done', status = ${answer.status}, headers = ${JSON.stringify(answer.headers)}::jsonb, body = ${answer.body ?? null}
     where key_hash = ${keyHash}`;
}

/** Gives a key back, for a request that had no effect. */
export function releaseKey(db: Statements, keyHash: Buffer): Promise<number> {
  return db.run`delete from xtk_idempotency_key where key_hash = ${keyHash}`;
}

/** Forgets answers after a day. */
export function forgetOldAnswers(db: Statements): Promise<number> {
  return db.run`delete from xtk_idempotency_key where created < now() - interval '1 day'`;
}

function parseAnswer(row: unknown): KeptAnswer {
  const found = row as {
    request_hash: Buffer;
    state: string;
    status: number | null;
    headers: Record<string, string>;
    body: string | null;
  };
  return {
    requestHash: found.request_hash,
    isDone: found.state === "done",
    status: found.status ?? 0,
    headers: found.headers,
    body: found.body ?? undefined,
  };
}
