/** Lists the links of a delivery, as the redirection server must know them. */

import type { TrackingUrl } from "#campaign/content/compiled-message.ts";
import type { Statements } from "#foundation/database.ts";
import { reservedUrlIds, urlTypes } from "#schemas/codes.ts";

import { readTrackingUrls } from "./tracking-url-store.ts";

/** The links of the content, and the two that every delivery has: the open pixel and the unsubscription. */
export async function listTrackingUrls(db: Statements, deliveryId: number): Promise<TrackingUrl[]> {
  return [
    { id: reservedUrlIds.open, type: urlTypes.open, url: "" },
    { id: reservedUrlIds.unsubscribe, type: urlTypes.optOut, url: "" },
    ...(await readTrackingUrls(db, deliveryId)),
  ];
}
