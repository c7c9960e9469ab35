/** The rows of nms_tracking_url. */

import type { TrackingUrl } from "#campaign/content/compiled-message.ts";
import type { Statements } from "#foundation/database.ts";
import { urlTypes } from "#schemas/codes.ts";

/** The links of a delivery, in the order in which they were found. */
export function readTrackingUrls(db: Statements, deliveryId: number): Promise<TrackingUrl[]> {
  return db.rows(parseUrl)`
    select tracking_url_id, type, source_url from nms_tracking_url where delivery_id = ${deliveryId} order by tracking_url_id`;
}

/** Makes rows for links that have none; those of an earlier preparation keep their ids. */
export function insertTrackingUrls(tx: Statements, deliveryId: number, urls: readonly string[]): Promise<number> {
  return tx.run`
    insert into nms_tracking_url (delivery_id, type, source_url)
    select ${deliveryId}, ${urlTypes.click}, u.url
      from unnest(${urls}::text[]) with ordinality u(url, place)
     where not exists (select from nms_tracking_url t where t.delivery_id = ${deliveryId} and t.source_url = u.url)
     order by u.place`;
}

/** Drops the links that stand no longer in the content. */
export function deleteOtherTrackingUrls(tx: Statements, deliveryId: number, urls: readonly string[]): Promise<number> {
  return tx.run`delete from nms_tracking_url where delivery_id = ${deliveryId} and source_url <> all(${urls}::text[])`;
}

const parseUrl = (row: unknown): TrackingUrl => {
  const r = row as { tracking_url_id: number; type: number; source_url: string };
  return { id: r.tracking_url_id, type: r.type, url: r.source_url };
};
