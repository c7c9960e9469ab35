/** Statements on what stat keeps for its next run: nms_stat_sender, nms_stat_spent, nms_warm_up_day. */

import type { Statements } from "#foundation/database.ts";

import type { SpentRow } from "./quotas/accounts.ts";
import type { WarmUpDay } from "./warm-ups/warm-up-book.ts";

/** Senders that held something. */
export function listSenders(db: Statements): Promise<string[]> {
  return db.rows((row) => (row as { sender: string }).sender)`select sender from nms_stat_sender`;
}

/** What was spent since a slice. */
export function listSpent(db: Statements, sinceSlice: number): Promise<SpentRow[]> {
  return db.rows(parseSpent)`
    select sender, public_id, address, host, slice, messages, under_way, set_aside
      from nms_stat_spent where slice >= ${sinceSlice} and (messages > 0 or under_way > 0)`;
}

/** What was sent under warm-ups since a day, such as `2026-11-03`. */
export function listWarmUpDays(db: Statements, sinceDay: string): Promise<WarmUpDay[]> {
  return db.rows(parseDay)`
    select warm_up_id, public_id, day::text as day, messages, set_aside
      from nms_warm_up_day where day >= ${sinceDay}::date`;
}

/** Writes counters; what is there is replaced. */
export function writeSpent(db: Statements, rows: readonly SpentRow[]): Promise<number> {
  return db.run`
    insert into nms_stat_spent (sender, public_id, address, host, slice, messages, under_way, set_aside)
    select * from unnest(${rows.map(({ client }) => client)}::text[], ${rows.map(({ path }) => path.publicId)}::int[],
                         ${rows.map(({ path }) => path.address)}::text[], ${rows.map(({ path }) => path.host)}::text[],
                         ${rows.map(({ slice }) => slice)}::int[], ${rows.map(({ tokens }) => tokens)}::int[],
                         ${rows.map(({ underWay }) => underWay)}::int[], ${rows.map(({ setAside }) => setAside)}::int[])
    on conflict (sender, public_id, address, host, slice)
    do update set messages = excluded.messages, under_way = excluded.under_way, set_aside = excluded.set_aside`;
}

/** The same for days of warm-ups. */
export function writeWarmUpDays(db: Statements, rows: readonly WarmUpDay[]): Promise<number> {
  return db.run`
    insert into nms_warm_up_day (warm_up_id, public_id, day, messages, set_aside)
    select * from unnest(${rows.map(({ warmUpId }) => warmUpId)}::bigint[], ${rows.map(({ publicId }) => publicId)}::int[],
                         ${rows.map(({ day }) => day)}::date[], ${rows.map(({ messages }) => messages)}::bigint[],
                         ${rows.map(({ setAside }) => setAside)}::bigint[])
    on conflict (warm_up_id, public_id, day) do update set messages = excluded.messages, set_aside = excluded.set_aside`;
}

/** Makes the list of senders the one given. */
export function writeSenders(db: Statements, senders: readonly string[]): Promise<number> {
  return db.run`
    with gone as (delete from nms_stat_sender where sender <> all(${senders}::text[]))
    insert into nms_stat_sender (sender) select unnest(${senders}::text[]) on conflict do nothing`;
}

/** Forgets what is older than an hour. */
export function deleteOldSpent(db: Statements, beforeSlice: number): Promise<number> {
  return db.run`delete from nms_stat_spent where slice < ${beforeSlice}`;
}

function parseSpent(raw: unknown): SpentRow {
  const row = raw as {
    sender: string;
    public_id: number;
    address: string;
    host: string;
    slice: number;
    messages: number;
    under_way: number;
    set_aside: number;
  };
  const path = { host: row.host, address: row.address, publicId: row.public_id };
  return {
    client: row.sender,
    path,
    slice: row.slice,
    tokens: row.messages,
    underWay: row.under_way,
    setAside: row.set_aside,
  };
}

function parseDay(raw: unknown): WarmUpDay {
  const row = raw as { warm_up_id: number; public_id: number; day: string; messages: number; set_aside: number };
  const { warm_up_id: warmUpId, public_id: publicId, day, messages, set_aside: setAside } = row;
  return { warmUpId, publicId, day, messages, setAside };
}
