/** mtachild: claims parts of deliveries, composes and sends their messages, and records what became of them. */

import { hostname } from "node:os";

import { loadDelivery } from "#campaign/delivery/load-delivery.ts";
import type { Path } from "#channels/permit-messages.ts";
import { openPermits, type Permits } from "#channels/permits.ts";
import { pause } from "#foundation/clock.ts";
import { inboxAddress, routeSettings, statAddress } from "#foundation/common-settings.ts";
import type { Context, InstanceModule, Running } from "#foundation/module.ts";
import { repeat } from "#foundation/repeat.ts";

import { relayMissing } from "../errors.ts";
import { journalFolder } from "../journal/journal-files.ts";
import { openJournal } from "../journal/open-journal.ts";
import { mtaChildSettings, mtaDnsSettings, mtaRelaySettings, mtaSettings, mtaSmtpSettings } from "../settings.ts";
import { claimParts } from "./claim-part.ts";
import { openOutcomeKeeper } from "./keep-outcome.ts";
import { rememberDeliveries } from "./remember-deliveries.ts";
import { type FindRoute, routeByMx, routeToOne } from "./routing/find-route.ts";
import { orderPaths } from "./routing/order-paths.ts";
import { type Names, openNames, traceNames } from "./routing/resolve-mx.ts";
import { sendPart } from "./send-part.ts";
import { openPathHealth } from "./sending/path-health.ts";
import { shapeTraffic } from "./sending/shape-traffic.ts";

export const mtachild: InstanceModule = { name: "mtachild", scope: "instance", start };

/** Sessions have this long to end their message; then they are cut, and a little later the process ends. */
const drainMs = 20_000;
const closeMs = 4_000;
const safetyLookMs = 50;

async function start(context: Context): Promise<Running> {
  const { db, log, settings, clock, processId: childId } = context;
  const mta = settings.of(mtaSettings);
  const child = settings.of(mtaChildSettings);
  const smtp = settings.of(mtaSmtpSettings);
  const names = openNamesOf(context);
  const findRoute = chooseRoute(context, names);
  const elapsedMs = (): number => clock.elapsedMs();
  const ending = new AbortController();

  const journal = await openJournal({
    folder: journalFolder(context.home, context.instance),
    childId,
    instance: context.instance,
    log,
  });
  const keeper = openOutcomeKeeper({ journal, db, log, signal: ending.signal });
  const permits = openPermitsOf(context, (path) => shaper.yieldOne(path.address));
  const shaper = shapeTraffic({
    tools: {
      permits,
      log,
      elapsedMs,
      now: () => clock.now(),
      health: openPathHealth(smtp.initialDelaySec * 1_000, elapsedMs),
      publicId: mta.publicId,
      localAddress: mta.localAddress,
      heloName: heloName(context),
      usesTls: smtp.enableTLS,
      idleSessionMs: smtp.idleSessionTimeoutSec * 1_000,
      resolveTargets: (destination) =>
        orderPaths(destination, { names, allowsPrivate: mta.allowPrivateAddresses, random: Math.random }),
      whenSafe: async () => {
        while (!(keeper.isSafe && claims.areLeasesFresh) && !ending.signal.aborted)
          await pause(safetyLookMs, ending.signal);
        return !ending.signal.aborted;
      },
    },
    maxSessions: child.maxSessionsPerChild,
    maxAgeMs: child.maxAgeSec * 1_000,
  });
  const recallDelivery = rememberDeliveries((deliveryId) => loadDelivery(context, deliveryId));
  const tools = {
    ...mta,
    db,
    childId,
    log,
    elapsedMs,
    now: () => clock.now(),
    recallDelivery,
    findRoute,
    shaper,
    keeper,
    onMessageEnd: () => claims.refill(),
    signal: ending.signal,
  };
  const claims = claimParts({
    db,
    childId,
    leaseSec: mta.leaseSec,
    log,
    elapsedMs,
    run: (run) => sendPart(run, tools),
    hasRoom: ({ claimed, unrouted }) =>
      keeper.isSafe &&
      claimed < child.maxMsgPerChild &&
      shaper.waiting + unrouted < child.maxWaitingMessages &&
      shaper.ready + unrouted < lookAhead(shaper.sessions),
    onHalt: (run) => {
      for (const job of shaper.takeBack(run)) void job.end({ kind: "left", reason: "halted" });
    },
  });
  const notices = await db.listen("postrider_delivery", () => claims.wake());
  const idling = endWhenIdle(context, () => claims.active === 0, child.idleChildTimeoutSec * 1_000);
  if (mta.verifyMode) log.warning("mta.verify_mode", { meaning: "messages are counted as sent and not transmitted" });

  return {
    stop: async () => {
      await idling.stop();
      await notices.stop();
      const draining = shaper.drain(drainMs);
      const stopping = claims.stop(drainMs + closeMs);
      await draining;
      // From here on what the database does not take is left to the journal.
      setTimeout(() => ending.abort(), closeMs - 1_000).unref();
      await stopping;
      ending.abort();
      await permits.close();
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

function openNamesOf({ settings, log }: Context): Names {
  const { nameServers, timeout, retry } = settings.of(mtaDnsSettings);
  const names = openNames({ nameServers, timeoutMs: timeout, tries: retry });
  return log.traces("dns")
    ? traceNames(names, (question, name, answer) => log.trace("dns", "dns.answered", { question, name, answer }))
    : names;
}

/** @throws relayMissing */
function chooseRoute({ settings, clock }: Context, names: Names): FindRoute {
  const { route } = settings.of(routeSettings);
  const relay = settings.of(mtaRelaySettings);
  const inbox = settings.of(inboxAddress);
  switch (route) {
    case "inbox":
      return routeToOne(inbox.address, inbox.port);
    case "relay":
      if (relay.address === "") throw relayMissing();
      return routeToOne(relay.address, relay.port);
    case "mx":
      return routeByMx({
        resolveMx: names.resolveMx,
        port: settings.of(mtaSettings).mxPort,
        elapsedMs: () => clock.elapsedMs(),
      });
  }
}

function openPermitsOf(
  { settings, secrets, instance, processId, clock, log }: Context,
  onYield: (path: Path) => void,
): Permits {
  const { address, port } = settings.of(statAddress);
  return openPermits({
    address,
    port,
    key: secrets.deriveKey("permits", instance),
    client: processId,
    elapsedMs: () => clock.elapsedMs(),
    onYield,
    onReachable: (isReachable) => {
      if (isReachable) log.info("mta.stat_back", { address, port });
      else
        log.warning("mta.stat_unreachable", { address, port, meaning: "no connection is opened until stat answers" });
    },
  });
}

function heloName({ settings }: Context): string {
  const { localDomain } = settings.of(mtaDnsSettings);
  return localDomain === "" ? hostname().replace(/[^A-Za-z0-9.-]/g, "-") : localDomain;
}

function endWhenIdle(context: Context, isIdle: () => boolean, limitMs: number): { stop(): Promise<void> } {
  let idleSinceMs = context.clock.elapsedMs();
  return repeat({ log: context.log, event: "mta.idle", intervalMs: 250 }, () => {
    const nowMs = context.clock.elapsedMs();
    if (!isIdle()) idleSinceMs = nowMs;
    if (nowMs - idleSinceMs >= limitMs) context.requestStop(0);
    return Promise.resolve();
  });
}
