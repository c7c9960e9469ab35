/** mtachild: claims parts of deliveries, composes and sends their messages, and records what became of them. */

import { openKeyring } from "#campaign/content/dkim/open-keyring.ts";
import { openMessageBuffers } from "#campaign/content/message-buffers.ts";
import { loadDelivery } from "#campaign/delivery/load-delivery.ts";
import type { Path, Waiting } from "#channels/permits/permit-messages.ts";
import { permitPeer } from "#channels/permits/permit-peer.ts";
import { openPermits, type Permits } from "#channels/permits/permits.ts";
import { pause } from "#foundation/clock.ts";
import type { Context, InstanceModule, Running } from "#foundation/module.ts";
import { repeat } from "#foundation/repeat.ts";

import { namesOfAffinities } from "../ip-affinity.ts";
import { journalFolder } from "../journal/journal-files.ts";
import { openJournal } from "../journal/open-journal.ts";
import { mtaAffinitySettings, mtaChildSettings, mtaSettings, mtaSmtpSettings } from "../settings.ts";
import { openArchive } from "./archive/open-archive.ts";
import { openDatabaseWait } from "./await-database.ts";
import { claimParts, type Held } from "./claim-part.ts";
import { favorMainThread } from "./favor-main-thread.ts";
import { openOutcomeKeeper } from "./keep-outcome.ts";
import { rememberDeliveries } from "./remember-deliveries.ts";
import { openRouting } from "./routing/open-routing.ts";
import { openRenderer } from "./rendering/open-renderer.ts";
import type { PartRun } from "./part-run.ts";
import { sendPart } from "./send-part.ts";
import { watchMemory } from "./watch-memory.ts";
import { openContentWindows } from "./sending/content-window.ts";
import { openPathHealth } from "./sending/path-health.ts";
import { shapeTraffic } from "./sending/shape-traffic.ts";

export const mtachild: InstanceModule = { name: "mtachild", scope: "instance", start };

/** Sessions have this long to end their message; then they are cut, and a little later the process ends. */
const drainMs = 20_000;
const closeMs = 4_000;
/** A child that ends waits for a silent database no longer than this: what is not recorded stays in the journal. */
const silentMs = 3_000;
const safetyLookMs = 50;
const megabyte = 1_048_576;
/** Memory of messages that waits for the next ones. */
const mostKeptMb = 8;

async function start(context: Context): Promise<Running> {
  const { db, log, settings, clock, processId: childId } = context;
  const mta = settings.of(mtaSettings);
  const child = settings.of(mtaChildSettings);
  const smtp = settings.of(mtaSmtpSettings);
  const routing = openRouting(context);
  const elapsedMs = (): number => clock.elapsedMs();
  const ending = new AbortController();

  const journal = await openJournal({
    folder: journalFolder(context.home, context.instance),
    childId,
    instance: context.instance,
    log,
    announces: !mta.retryLostMessages,
  });
  // The journal has started them.
  favorMainThread();
  const keeper = openOutcomeKeeper({
    journal,
    db,
    log,
    needsIntents: !mta.retryLostMessages,
    signal: ending.signal,
  });
  const permits = openPermitsOf(context, {
    onYield: (path) => shaper.yieldOne(path),
    describeWaits: () => shaper.describeWaits(),
  });
  const isSafe = (): boolean => keeper.isSafe && claims.areLeasesFresh;
  const shaper = shapeTraffic({
    tools: {
      permits,
      log,
      elapsedMs,
      now: () => clock.now(),
      windows: openContentWindows(elapsedMs),
      health: openPathHealth(smtp.initialDelaySec * 1_000, elapsedMs),
      usesTls: smtp.enableTLS,
      idleSessionMs: smtp.idleSessionTimeoutSec * 1_000,
      resolveTargets: routing.resolveTargets,
      isSafe: () => isSafe() && !ending.signal.aborted,
      whenSafe: async () => {
        while (!isSafe() && !ending.signal.aborted) await pause(safetyLookMs, ending.signal);
        return !ending.signal.aborted;
      },
    },
    maxSessions: child.maxSessionsPerChild,
    maxAgeMs: child.maxAgeSec * 1_000,
  });
  const keyring = openKeyring(context);
  const recallDelivery = rememberDeliveries((deliveryId) => loadDelivery(context, deliveryId, keyring));
  const renderer = openRenderer(context, (run) => {
    run.isHalted = true;
    takeBack(run);
  });
  const databaseWait = openDatabaseWait();
  const tools = {
    ...mta,
    archive: openArchive({ folder: mta.dataLogPath, log, now: () => clock.now(), elapsedMs }),
    db,
    childId,
    log,
    elapsedMs,
    now: () => clock.now(),
    recallDelivery,
    renderer,
    findRoute: routing.findRoute,
    findPool: routing.findPool,
    shaper,
    keeper,
    databaseWait,
    buffers: openMessageBuffers(mostKeptMb * megabyte, child.maxWorkingSetMb * megabyte),
    onMessageEnd: () => claims.refill(),
    signal: ending.signal,
  };
  const memory = watchMemory({ limitMb: child.maxMemoryMb, log, elapsedMs });
  const takeBack = (run: PartRun): void => {
    for (const job of shaper.takeBack(run)) void job.end({ kind: "left", reason: "halted" });
  };
  const mayClaim = ({ claimed, unrouted }: Held): boolean =>
    keeper.isSafe &&
    claimed < child.maxMsgPerChild &&
    !memory.isOver &&
    shaper.ready + unrouted < lookAhead(shaper.sessions);
  const claims = claimParts({
    db,
    childId,
    leaseSec: mta.leaseSec,
    affinities: namesOfAffinities(settings.of(mtaAffinitySettings).ipAffinity),
    log,
    elapsedMs,
    run: (run) => sendPart(run, tools),
    hasRoom: (held) => mayClaim(held) && shaper.waiting + held.unrouted < child.maxWaitingMessages,
    crowd: {
      isThere: (held) =>
        shaper.mayClearRoom && mayClaim(held) && shaper.waiting + held.unrouted >= child.maxWaitingMessages,
      clear: ({ unrouted }) => shaper.clearRoom(shaper.waiting + unrouted - Math.floor(child.maxWaitingMessages / 2)),
    },
    onHalt: takeBack,
  });
  const notices = await db.listen("postrider_delivery", (deliveryId) => {
    // Without one: the connection was made anew.
    if (deliveryId === "") databaseWait.end();
    claims.wake();
  });
  const idling = endWhenIdle(
    context,
    () => claims.active === 0,
    () => (claims.claimedMessages < child.maxMsgPerChild && !memory.isOver ? child.idleChildTimeoutSec * 1_000 : 0),
  );
  if (mta.verifyMode) log.warning("mta.verify_mode", { meaning: "messages are counted as sent and not transmitted" });

  return {
    stop: async () => {
      // Before anything is waited for: from now on no message begins.
      const draining = shaper.drain(drainMs);
      db.limitSilence(silentMs);
      await idling.stop();
      await notices.stop();
      const stopping = claims.stop(drainMs + closeMs);
      await draining;
      // From here on what the database does not take is left to the journal.
      setTimeout(() => ending.abort(), closeMs - 1_000).unref();
      await stopping;
      ending.abort();
      await permits.close();
      await renderer.close();
      await journal.close(claims.active === 0);
      log.info("mta.child_drained", { unsettled: journal.unsettled });
    },
  };
}

/**
 * Messages that a child keeps ready: what it can send within about a second. What it does not hold, another child may claim.
 */
function lookAhead(sessions: number): number {
  return Math.max(100, 25 * sessions);
}

function openPermitsOf(
  context: Context,
  needs: { readonly onYield: (path: Path) => void; readonly describeWaits: () => readonly Waiting[] },
): Permits {
  const { processId, clock, log } = context;
  const { address, port, key } = permitPeer(context);
  return openPermits({
    address,
    port,
    key,
    client: processId,
    elapsedMs: () => clock.elapsedMs(),
    ...needs,
    onReachable: (isReachable, awayMs) => {
      const awaySec = Math.round(awayMs / 1_000);
      if (isReachable) log.info("mta.stat_back", { address, port, awaySec });
      else
        log.warning("mta.stat_unreachable", {
          address,
          port,
          awaySec,
          meaning: "no connection is opened until stat answers",
        });
    },
  });
}

/** @param limitMs how long it may have nothing to do; 0 once it has sent what one child may send */
function endWhenIdle(context: Context, isIdle: () => boolean, limitMs: () => number): { stop(): Promise<void> } {
  let idleSinceMs = context.clock.elapsedMs();
  return repeat({ log: context.log, event: "mta.idle", intervalMs: 250 }, () => {
    const nowMs = context.clock.elapsedMs();
    if (!isIdle()) idleSinceMs = nowMs;
    if (isIdle() && nowMs - idleSinceMs >= limitMs()) context.requestStop(0);
    return Promise.resolve();
  });
}
