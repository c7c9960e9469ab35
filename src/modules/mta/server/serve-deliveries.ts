/** Moves deliveries on: prepares, starts, pauses, stops and finishes them. */

import { expireDeliveries, finishDelivery, settlePause, settleStop } from "#campaign/delivery/finish-delivery.ts";
import { releaseAddresses } from "#campaign/quarantine/release-addresses.ts";
import { describeError } from "#foundation/errors.ts";
import type { Context } from "#foundation/module.ts";

import { returnExpiredParts } from "../part-store.ts";
import { mtaSettings } from "../settings.ts";
import { beginDelivery } from "./begin-delivery.ts";
import { doubtUnrenewedParts } from "./doubt-lost-parts.ts";
import { hurryRetries, listWaitingDeliveries } from "./delivery-store.ts";
import { purgeArchive } from "./purge-archive.ts";

export type DeliveryServer = {
  /** Does what can be done now, until the signal is aborted; preparations go on in the background. Answers whether anything moved. */
  round(signal: AbortSignal): Promise<boolean>;
  /** Waits for the preparations under way, no longer than given: their transactions are undone when the process ends. */
  stop(limitMs: number): Promise<void>;
};

const startRetryMs = 5_000;
/** A child that lost a part has this long to record what it knows of it. */
const longestReturnSec = 60;
const doubtEveryMs = 5_000;
const cleaningMs = 86_400_000;

/**
 * Serves the deliveries of an instance; two servers on one database do not disturb each other.
 * @param onPrepared called when a preparation has ended
 */
export function serveDeliveries(
  context: Context,
  options: { maxPreparations: number; onPrepared: () => void },
): DeliveryServer {
  const { db, log, clock } = context;
  const { leaseSec, retryLostMessages: retriesLost } = context.settings.of(mtaSettings);
  const preparing = new Map<number, Promise<void>>();
  /** Deliveries whose start failed, and when it is tried again. */
  const startAfterMs = new Map<number, number>();
  let cleanAtMs = 0;
  let doubtAtMs = 0;
  let isStopping = false;

  const prepare = (deliveryId: number): void => {
    // Loaded with the first preparation: an idle server stays small.
    const work = import("#campaign/delivery/prepare-delivery.ts")
      .then(({ prepareDelivery }) => prepareDelivery(context, deliveryId))
      .then(() => undefined)
      // The next round finds it again: what may not be repeated, the preparation itself has refused for good.
      .catch((error: unknown) => log.error("mta.preparation_failed", { deliveryId, reason: describeError(error) }))
      .finally(() => {
        preparing.delete(deliveryId);
        options.onPrepared();
      });
    preparing.set(deliveryId, work);
  };

  const start = async (deliveryId: number, signal: AbortSignal): Promise<boolean> => {
    if ((startAfterMs.get(deliveryId) ?? 0) > clock.elapsedMs()) return false;
    const hasStarted = await beginDelivery(context, deliveryId, signal);
    if (hasStarted) startAfterMs.delete(deliveryId);
    else startAfterMs.set(deliveryId, clock.elapsedMs() + startRetryMs);
    return hasStarted;
  };

  const finish = async (deliveryId: number): Promise<boolean> => {
    const hasFinished = await finishDelivery(db, deliveryId);
    if (hasFinished) log.info("mta.delivery_finished", { deliveryId });
    return hasFinished;
  };

  const purge = async (): Promise<void> => {
    const { dataLogPath: archive, purgeDataLogDelay: keptDays } = context.settings.of(mtaSettings);
    if (archive === "") return;
    try {
      const days = await purgeArchive({ folder: archive, keptDays }, clock.now());
      if (days.length > 0) log.info("mta.archive_purged", { folder: archive, days: days.length });
    } catch (error) {
      log.warning("mta.archive_not_purged", { folder: archive, reason: describeError(error) });
    }
  };

  return {
    round: async (signal) => {
      let hasMoved = false;
      const expired = await expireDeliveries(db, clock.now());
      if (expired.length > 0) log.info("mta.deliveries_expired", { deliveries: expired.length });
      const returned = await returnExpiredParts(db, Math.min(longestReturnSec, leaseSec));
      if (returned > 0) log.warning("mta.parts_returned", { parts: returned, reason: "nobody renewed them in time" });
      if (clock.elapsedMs() >= doubtAtMs) {
        doubtAtMs = clock.elapsedMs() + doubtEveryMs;
        hasMoved = (await doubtUnrenewedParts({ db, log, retriesLost })) > 0;
      }
      for (const { deliveryId, step } of await listWaitingDeliveries(db)) {
        if (signal.aborted) break;
        switch (step) {
          case "prepare":
            if (isStopping || preparing.has(deliveryId) || preparing.size >= options.maxPreparations) break;
            prepare(deliveryId);
            hasMoved = true;
            break;
          case "start":
            hasMoved = (await start(deliveryId, signal)) || hasMoved;
            break;
          case "retry":
            await hurryRetries(db, deliveryId);
            hasMoved = true;
            break;
          case "finish":
            hasMoved = (await finish(deliveryId)) || hasMoved;
            break;
          case "settlePause":
            hasMoved = (await settlePause(db, deliveryId)) || hasMoved;
            break;
          case "settleStop":
            hasMoved = (await settleStop(db, deliveryId)) || hasMoved;
            break;
        }
      }
      if (clock.elapsedMs() >= cleanAtMs) {
        cleanAtMs = clock.elapsedMs() + cleaningMs;
        await releaseAddresses(db, clock.now());
        await purge();
      }
      return hasMoved;
    },
    stop: async (limitMs) => {
      isStopping = true;
      let timer: NodeJS.Timeout | undefined;
      const tooLate = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, limitMs);
      });
      await Promise.race([Promise.all(preparing.values()), tooLate]);
      clearTimeout(timer);
    },
  };
}
