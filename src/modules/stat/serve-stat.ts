/** Serves permits: rules and what was kept are read first, then senders that were known are awaited, then leave is granted. */

import { connectionLeaseMs, signOfLifeMs } from "#channels/permits/permit-messages.ts";
import { permitKeys } from "#channels/permits/permit-peer.ts";
import { type PermitServer, servePermits } from "#channels/permits/serve-permits.ts";
import { errorStatisticsSettings, instanceSettings, statAddress } from "#foundation/common-settings.ts";
import { describeError } from "#foundation/errors.ts";
import type { Context, Running } from "#foundation/module.ts";
import { findPortOwner, isPortTaken } from "#foundation/port-owner.ts";

import { carryOut, forget, type StatDesk } from "./carry-out.ts";
import { openErrorStatistics } from "./error-statistics/error-statistics.ts";
import { statNotListening, statPortTaken } from "./errors.ts";
import { openFlowControl } from "./flow-control.ts";
import { keepErrorStatistics } from "./error-statistics/keep-error-statistics.ts";
import { openGrantWritten } from "./grant-written.ts";
import { tellPauses, type Tenure } from "./holder/tenure.ts";
import { type KeptState, keepState, readState } from "./keep-state.ts";
import { openQuotaBook } from "./quotas/quota-book.ts";
import { readRules } from "./read-rules.ts";
import { statSettings } from "./settings.ts";
import { openShowPaths } from "./show-paths.ts";
import { openStarting, type Starting } from "./starting.ts";
import { openWaitingBoard } from "./waiting-board.ts";
import { openWarmUpBook } from "./warm-ups/warm-up-book.ts";

const longestFarewellMs = 5_000;
/** Senders that do not reach this run have seen by then that the one before is away. */
const longestHeldMs = connectionLeaseMs + signOfLifeMs;

/**
 * Runs until it is stopped.
 * @param tenure grants while it is proved, and writes under its name
 */
export async function serveStat(context: Context, tenure: Tenure): Promise<Running> {
  const { db, log, clock, settings } = context;
  // Never back while the process lives, whatever is done to the clock of the host.
  const bornMs = clock.now().getTime() - clock.elapsedMs();
  const nowMs = (): number => bornMs + clock.elapsedMs();
  const startedMs = nowMs();
  const { graceSec, clientTimeoutSec } = settings.of(statSettings);
  const flow = openFlowControl(nowMs);
  const warmUps = openWarmUpBook(nowMs, dayIn(settings.of(instanceSettings).timezone));
  const book = openQuotaBook({ nowMs, flow, warmUps });
  const board = openWaitingBoard(nowMs);
  const statistics = openErrorStatistics();
  const starting = openStarting({
    nowMs,
    graceMs: Math.max(graceSec * 1_000, tenure.isFormerHeeded ? longestHeldMs : 0),
    giveUpMs: clientTimeoutSec * 1_000,
  });
  const tools = { db, log, book, warmUps, nowMs, holder: tenure.id };
  const written = (limitMs: number): Promise<boolean> => keeping?.written(limitMs) ?? Promise.resolve(false);
  const desk: StatDesk = {
    book,
    flow,
    board,
    statistics,
    show: openShowPaths({
      book,
      board,
      nowMs,
      overview: () => ({
        ...book.summary(),
        refused: server.refused,
        upMs: Math.round(nowMs() - startedMs),
        startingForMs: starting.forMs(),
        pausedForMs: tenure.pausedForMs(),
      }),
    }),
    startingForMs: () => starting.forMs(),
    isProved: tenure.isProved,
    granting: openGrantWritten(written),
    knows: (client) => keeping?.knows(client) === true,
    forgetSender: (client) => keeping?.forget(client),
    reload: () => rules.wake(),
    log,
  };
  let keeping: KeptState | undefined;
  const server = await listen({ context, desk, starting, tenure, written });
  const pauses = tellPauses(tenure, log);
  const rules = readRules(context, {
    book,
    warmUps,
    onFirst: async () => {
      const senders = await readState(tools);
      starting.begin(senders, (sender) => forget(desk, sender));
      keeping = keepState(tools);
      if (senders.length > 0) log.info("stat.awaiting_reports", { senders: senders.length, graceSec });
    },
  });
  const errors = keepErrorStatistics({
    db,
    log,
    statistics,
    nowMs,
    ...settings.of(errorStatisticsSettings),
    days: settings.of(statSettings).errorStatisticsDays,
  });
  const end = async (): Promise<void> => {
    pauses.stop();
    log.info("stat.closing", { ...book.summary(), refused: server.refused });
    await server.close();
    await rules.stop();
    starting.stop();
    await Promise.all([keeping?.stop(), errors.stop()]);
  };
  let ended: Promise<void> | undefined;
  return { stop: () => (ended ??= end()) };
}

async function listen(given: {
  readonly context: Context;
  readonly desk: StatDesk;
  readonly starting: Starting;
  readonly tenure: Tenure;
  readonly written: (limitMs: number) => Promise<boolean>;
}): Promise<PermitServer> {
  const { context, desk, starting, tenure, written } = given;
  const { address, port } = context.settings.of(statAddress);
  const { clientTimeoutSec } = context.settings.of(statSettings);
  try {
    const server: PermitServer = await servePermits({
      address,
      port,
      ...permitKeys(context),
      elapsedMs: () => context.clock.elapsedMs(),
      clientTimeoutMs: clientTimeoutSec * 1_000,
      isOpen: () => starting.hasBegun,
      isPaused: () => !tenure.isProved(),
      carryOut: (client, question) => {
        const answer = carryOut(desk, client, question);
        if (
          question.kind === "connect" &&
          "kind" in answer &&
          answer.kind === "wait" &&
          answer.reason === "connections"
        ) {
          const yielder = desk.book.findYielder(client, question.path);
          if (yielder !== undefined) server.notify(yielder, { kind: "yield", path: question.path });
        }
        // Nobody reports any more what a sender has spent that is gone: the next run must find it.
        const gone = question.kind === "leave" ? client : question.kind === "forget" ? question.client : undefined;
        if (gone === undefined) return answer;
        starting.noteReport(gone);
        return written(longestFarewellMs).then(() => answer);
      },
      onReported: (client) => starting.noteReport(client),
      onClientLost: (client) => {
        forget(desk, client);
        context.log.info("stat.client_lost", { client });
      },
    });
    context.log.info("stat.listening", { address, port: server.port });
    return server;
  } catch (cause) {
    if (isPortTaken(cause)) throw statPortTaken({ address, port, owner: findPortOwner("udp", port) }, { cause });
    throw statNotListening({ address, port, reason: describeError(cause) }, { cause });
  }
}

/** The day of a moment in a time zone; what knows the zones is loaded when a warm-up needs it. */
function dayIn(timeZone: string): (ms: number) => string {
  let format: Intl.DateTimeFormat | undefined;
  return (ms) => {
    format ??= new Intl.DateTimeFormat("en-CA", { timeZone, year: "numeric", month: "2-digit", day: "2-digit" });
    return format.format(ms);
  };
}
