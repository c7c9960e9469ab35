/** mta: prepares deliveries, starts them, and runs the children that send them. */

import { permitPeer } from "#channels/permits/permit-peer.ts";
import { openPermits } from "#channels/permits/permits.ts";
import type { Context, InstanceModule, Running } from "#foundation/module.ts";
import { repeat } from "#foundation/repeat.ts";

import { namesOfAffinities } from "./ip-affinity.ts";
import { journalFolder } from "./journal/journal-files.ts";
import { findClaimablePart } from "./part-store.ts";
import { runChildProcesses } from "./server/child-processes.ts";
import { hasRunningDeliveries } from "./server/delivery-store.ts";
import { retireDeadChildren } from "./server/retire-children.ts";
import { serveDeliveries } from "./server/serve-deliveries.ts";
import { tellWaitingAffinities } from "./server/tell-waiting-affinities.ts";
import { watchNeed } from "./server/watch-need.ts";
import { mtaAffinitySettings, mtaMasterSettings, mtaSettings } from "./settings.ts";

export const mta: InstanceModule = { name: "mta", scope: "instance", start };

const busyPeriodMs = 1_000;
const retirePeriodMs = 5_000;
const affinityPeriodMs = 60_000;
/** Children are drained within this time; the watchdog waits a little longer for us. */
const stopChildrenMs = 26_000;
/** Then an answer of the database is waited for no longer than this: all that it was asked is asked again by the next server. */
const silentMs = 3_000;

async function start(context: Context): Promise<Running> {
  const { db, log, clock, settings } = context;
  const master = settings.of(mtaMasterSettings);
  const permits = openPermits({
    ...permitPeer(context),
    client: context.processId,
    elapsedMs: () => clock.elapsedMs(),
  });
  const children = runChildProcesses(context, () => {
    retiring.wake();
    round.wake();
  });
  const deliveries = serveDeliveries(context, { maxPreparations: master.maxPreparations, onPrepared: () => look() });
  const retriesLost = settings.of(mtaSettings).retryLostMessages;
  const affinities = namesOfAffinities(settings.of(mtaAffinitySettings).ipAffinity);
  const folder = journalFolder(context.home, context.instance);
  const retire = (): Promise<number> => retireDeadChildren({ db, log, permits, folder, retriesLost });

  const need = watchNeed({ elapsedMs: () => clock.elapsedMs() });
  let lookAtMs = 0;
  /** Set by notices, also by one that comes while a round is under way. */
  let isWoken = false;
  const look = (): void => {
    isWoken = true;
    round.wake();
  };
  const round = repeat({ log, event: "mta.round", intervalMs: busyPeriodMs }, async (signal) => {
    if (!isWoken && clock.elapsedMs() < lookAtMs) return;
    isWoken = false;
    const hasMoved = await deliveries.round(signal);
    const isBusy = hasMoved || (await hasRunningDeliveries(db));
    const isWanted =
      children.count < master.minSpareServers ||
      (children.count < master.maxSpareServers &&
        need.isWanted(children.count, await findClaimablePart(db, affinities)));
    if (isWanted) children.startOne();
    // Nothing to do: the database is left alone until a notice comes or the period is over.
    lookAtMs = isBusy || isWanted ? 0 : clock.elapsedMs() + master.dataBasePoolPeriodSec * 1_000;
  });
  const retiring = repeat({ log, event: "mta.retire", intervalMs: retirePeriodMs }, async () => {
    if ((await retire()) > 0) look();
  });
  const telling = repeat(
    { log, event: "mta.affinities", intervalMs: affinityPeriodMs },
    tellWaitingAffinities(context, affinities),
  );
  const notices = await db.listen("postrider_delivery", look);
  children.startAtOnce(Math.min(master.startSpareServers, master.maxSpareServers));

  let stopping: Promise<void> | undefined;
  const stop = async (): Promise<void> => {
    await notices.stop();
    await Promise.all([
      round.stop(),
      telling.stop(),
      deliveries.stop(2_000),
      children.stop(stopChildrenMs).then(() => db.limitSilence(silentMs)),
    ]);
    await retiring.stop();
    // A child that was killed at the limit, or found the database away, has left its journal.
    await retire().catch(() => 0);
    await permits.close();
  };
  return { stop: () => (stopping ??= stop()) };
}
