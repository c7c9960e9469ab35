/** The rows of nms_broad_log_msg: each distinct answer once, with its qualification. */

import type { Statements } from "#foundation/database.ts";

export type BroadLogMsg = {
  readonly id: number;
  readonly textHash: Buffer;
  /** Undefined while nobody has qualified the answer: then it means what its code says. */
  readonly failureType: number | undefined;
  readonly failureReason: number | undefined;
  /** False for an answer that an operator told to ignore. */
  readonly causesQuarantine: boolean;
};

export type NewBroadLogMsg = {
  readonly textHash: Buffer;
  readonly text: string;
  readonly firstText: string;
  readonly failureType: number;
  readonly failureReason: number;
  /** `keep` when left out. */
  readonly status?: "keep" | "to_qualify";
};

/** Makes rows for texts that have none; in the order of their hashes, so that two writers cannot wait for each other. */
export function insertNewMsgs(tx: Statements, msgs: readonly NewBroadLogMsg[]): Promise<number> {
  return tx.run`
    insert into nms_broad_log_msg (text_hash, text, first_text, failure_type, failure_reason, status)
    select * from unnest(${msgs.map((m) => m.textHash)}::bytea[], ${msgs.map((m) => m.text)}::text[], ${msgs.map((m) => m.firstText)}::text[],
                         ${msgs.map((m) => m.failureType)}::smallint[], ${msgs.map((m) => m.failureReason)}::smallint[],
                         ${msgs.map((m) => m.status ?? "keep")}::text[]) n(hash)
     order by hash
    on conflict (text_hash) do nothing`;
}

/** The rows of texts. */
export function findMsgs(tx: Statements, hashes: readonly Buffer[]): Promise<BroadLogMsg[]> {
  return tx.rows(parseMsg)`
    select broad_log_msg_id, text_hash, failure_type, failure_reason, status
      from nms_broad_log_msg where text_hash = any(${hashes}::bytea[])`;
}

/** Counts answers, up to Classic's ceiling. */
export function addOccurrences(tx: Statements, counts: ReadonlyMap<number, number>): Promise<number> {
  return tx.run`
    with given as (select * from unnest(${[...counts.keys()]}::bigint[], ${[...counts.values()]}::bigint[]) g(id, added)),
         locked as (select broad_log_msg_id from nms_broad_log_msg join given on id = broad_log_msg_id
                     order by broad_log_msg_id for update of nms_broad_log_msg)
    update nms_broad_log_msg m
       set occurrences = least(100000, m.occurrences + given.added), last_modified = now()
      from locked join given on given.id = locked.broad_log_msg_id
     where m.broad_log_msg_id = locked.broad_log_msg_id`;
}

const parseMsg = (row: unknown): BroadLogMsg => {
  const r = row as {
    broad_log_msg_id: number;
    text_hash: Buffer;
    failure_type: number;
    failure_reason: number;
    status: string;
  };
  return {
    id: r.broad_log_msg_id,
    textHash: r.text_hash,
    failureType: r.status === "to_qualify" ? undefined : r.failure_type,
    failureReason: r.status === "to_qualify" ? undefined : r.failure_reason,
    causesQuarantine: r.status !== "ignore",
  };
};
