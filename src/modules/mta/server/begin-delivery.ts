/** Starts a delivery: its links go to the redirection servers first, so that no click can come before them. */

import { listTrackingUrls } from "#campaign/delivery/list-tracking-urls.ts";
import { pushDelivery } from "#channels/hits/hits.ts";
import { describeError, isPostriderError } from "#foundation/errors.ts";
import type { Context } from "#foundation/module.ts";

import { wakeSenders } from "../part-store.ts";
import { startDelivery } from "./delivery-store.ts";

/**
 * Pushes the links and opens the parts; may be repeated.
 * @param signal gives up when aborted
 * @returns false when a redirection server does not take the links now: the delivery stays in its state
 */
export async function beginDelivery(context: Context, deliveryId: number, signal?: AbortSignal): Promise<boolean> {
  const urls = await listTrackingUrls(context.db, deliveryId);
  try {
    await pushDelivery(context, { deliveryId, urls, validUntil: null }, signal);
  } catch (error) {
    if (!isPostriderError(error) || !error.mayRetry) throw error;
    if (signal?.aborted === true) return false;
    context.log.warning("mta.start_waits", { deliveryId, reason: describeError(error) });
    return false;
  }
  if ((await startDelivery(context.db, deliveryId)) === 0) return true;
  await wakeSenders(context.db, deliveryId);
  context.log.info("mta.delivery_started", { deliveryId, links: urls.length });
  return true;
}
