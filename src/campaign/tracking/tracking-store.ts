/** The statements that store hits, and the only ones that write the tables of tracking. */

import { Readable } from "node:stream";

import type { Statements } from "#foundation/database.ts";

import type { Indicators, ReaderState, StatsRow, TrackingRow } from "./summarize-hits.ts";

/** How far each file was read, by the file's name. */
export async function listCursors(db: Statements): Promise<Map<string, number>> {
  const rows = await db.rows(parseCursor)`select file, byte_offset from nms_tracking_cursor`;
  return new Map(rows.map(({ file, offset }) => [file, offset]));
}

/** Forgets files that no redirection server has any more, a month after they were last read; answers how many. */
export function forgetCursors(db: Statements, filesThatExist: readonly string[]): Promise<number> {
  return db.run`
    delete from nms_tracking_cursor
     where file <> all(${filesThatExist}::text[]) and last_modified < now() - interval '30 days'`;
}

/** Keeps other consolidations of this database waiting until the transaction ends: distinct counts need the rows before. */
export async function lockConsolidation(tx: Statements): Promise<void> {
  await tx.run`select pg_advisory_xact_lock(hashtextextended('nms_tracking.consolidation', 0))`;
}

/** Moves the cursor of a file; false when it does not stand where it was thought to stand. */
export async function moveCursor(
  tx: Statements,
  move: { source: string; file: string; fromOffset: number; toOffset: number },
): Promise<boolean> {
  const { source, file, fromOffset, toOffset } = move;
  const moved =
    fromOffset === 0
      ? await tx.run`
          insert into nms_tracking_cursor as known (file, source, byte_offset) values (${file}, ${source}, ${toOffset})
          on conflict (file) do update set byte_offset = excluded.byte_offset, last_modified = now() where known.byte_offset = 0`
      : await tx.run`
          update nms_tracking_cursor set byte_offset = ${toOffset}, last_modified = now()
           where file = ${file} and byte_offset = ${fromOffset}`;
  return moved === 1;
}

/**
 * What is known of messages and their readers; messages of deliveries that do not exist any more are left out. Each is looked up by its
 * key (`limit` keeps the planner from reading a whole ledger for a few thousand of them).
 */
export function listReaderStates(
  tx: Statements,
  deliveryIds: readonly number[],
  broadLogIds: readonly number[],
): Promise<ReaderState[]> {
  return tx.rows(parseReaderState)`
    select pair.delivery_id, pair.broad_log_id, message.recipient_id, message.is_seed, reader.delivery_id as reader, reader.has_clicked, reader.has_opted_out, reader.last_open
      from unnest(${deliveryIds}::bigint[], ${broadLogIds}::bigint[]) as pair (delivery_id, broad_log_id)
      join nms_delivery delivery on delivery.delivery_id = pair.delivery_id
      left join lateral (
        select recipient_id, seed_member_id <> 0 as is_seed from nms_broad_log
         where log_date = delivery.log_date and broad_log_id = pair.broad_log_id and delivery_id = pair.delivery_id limit 1) message on true
      left join lateral (
        select * from nms_tracking_reader where delivery_id = pair.delivery_id and broad_log_id = pair.broad_log_id limit 1) reader on true`;
}

/** Writes the log rows. */
export async function copyTrackingLogs(tx: Statements, rows: readonly TrackingRow[]): Promise<void> {
  await tx.copyIn(
    `copy nms_tracking_log (log_date, delivery_id, tracking_url_id, url_type, broad_log_id, recipient_id, content_type, source_id, source_address,
                            user_agent, is_machine) from stdin`,
    Readable.from(copyLines(rows), { objectMode: true }),
  );
}

/** Adds hits to the sums per link and period. */
export async function addToStats(tx: Statements, stats: readonly StatsRow[]): Promise<void> {
  await tx.run`
    insert into nms_tracking_stats as known (delivery_id, tracking_url_id, period_start, total_clicks)
    select * from unnest(${stats.map((row) => row.deliveryId)}::bigint[], ${stats.map((row) => row.urlId)}::bigint[],
                         ${stats.map((row) => toIso(row.periodStartMs))}::timestamptz[], ${stats.map((row) => row.clicks)}::bigint[])
    on conflict (delivery_id, tracking_url_id, period_start) do update set total_clicks = known.total_clicks + excluded.total_clicks`;
}

/** Notes who read, clicked and opted out. */
export async function saveReaders(tx: Statements, readers: readonly ReaderState[]): Promise<void> {
  await tx.run`
    insert into nms_tracking_reader (delivery_id, broad_log_id, has_clicked, has_opted_out, last_open)
    select * from unnest(${readers.map((row) => row.deliveryId)}::bigint[], ${readers.map((row) => row.broadLogId)}::bigint[],
                         ${readers.map((row) => row.hasClicked)}::boolean[], ${readers.map((row) => row.hasOptedOut)}::boolean[],
                         ${readers.map((row) => (row.lastOpenMs === null ? null : toIso(row.lastOpenMs)))}::timestamptz[])
    on conflict (delivery_id, broad_log_id) do update
       set has_clicked = excluded.has_clicked, has_opted_out = excluded.has_opted_out, last_open = excluded.last_open`;
}

/** Locks deliveries in the order in which everyone locks them. */
export async function lockDeliveries(tx: Statements, deliveryIds: readonly number[]): Promise<void> {
  await tx.run`select from nms_delivery where delivery_id = any(${deliveryIds}::bigint[]) order by delivery_id for no key update`;
}

/** Adds to the deliveries' indicators. */
export async function addToIndicators(tx: Statements, added: readonly Indicators[]): Promise<void> {
  await tx.run`
    update nms_delivery delivery
       set recipient_open = recipient_open + new_readers, recipient_click = recipient_click + new_clickers,
           total_recipient_open = total_recipient_open + opens, total_recipient_click = total_recipient_click + clicks,
           opt_out = opt_out + opt_outs, last_modified = now()
      from unnest(${added.map((row) => row.deliveryId)}::bigint[], ${added.map((row) => row.newReaders)}::bigint[],
                  ${added.map((row) => row.newClickers)}::bigint[], ${added.map((row) => row.opens)}::bigint[],
                  ${added.map((row) => row.clicks)}::bigint[], ${added.map((row) => row.optOuts)}::bigint[])
        as added (delivery_id, new_readers, new_clickers, opens, clicks, opt_outs)
     where delivery.delivery_id = added.delivery_id`;
}

const lotSize = 500;

function* copyLines(rows: readonly TrackingRow[]): Generator<string> {
  for (let start = 0; start < rows.length; start += lotSize)
    yield rows
      .slice(start, start + lotSize)
      .map(copyLine)
      .join("");
}

function copyLine({ hit, recipientId, isMachine }: TrackingRow): string {
  const numbers = `${hit.deliveryId}\t${hit.urlId}\t${hit.urlType}\t${hit.broadLogId}\t${recipientId}\t${hit.contentType}`;
  const texts = `${escapeCopy(hit.visitorId)}\t${escapeCopy(hit.sourceAddress)}\t${escapeCopy(hit.userAgent)}`;
  return `${hit.time.toISOString()}\t${numbers}\t${texts}\t${isMachine ? "t" : "f"}\n`;
}

/** COPY's text form; an empty text is null. */
function escapeCopy(text: string): string {
  if (text === "") return "\\N";
  if (!/[\\\t\n\r\0]/.test(text)) return text;
  return text
    .replaceAll("\0", "")
    .replaceAll("\\", "\\\\")
    .replaceAll("\t", "\\t")
    .replaceAll("\n", "\\n")
    .replaceAll("\r", "\\r");
}

function toIso(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}

function parseCursor(row: unknown): { file: string; offset: number } {
  const { file, byte_offset } = row as { file: string; byte_offset: number };
  return { file, offset: byte_offset };
}

function parseReaderState(row: unknown): ReaderState {
  const found = row as {
    delivery_id: number;
    broad_log_id: number;
    recipient_id: number | null;
    is_seed: boolean | null;
    reader: number | null;
    has_clicked: boolean | null;
    has_opted_out: boolean | null;
    last_open: Date | null;
  };
  return {
    deliveryId: found.delivery_id,
    broadLogId: found.broad_log_id,
    recipientId: found.recipient_id ?? 0,
    isSeed: found.is_seed ?? false,
    isReader: found.reader !== null,
    hasClicked: found.has_clicked ?? false,
    hasOptedOut: found.has_opted_out ?? false,
    lastOpenMs: found.last_open?.getTime() ?? null,
  };
}
