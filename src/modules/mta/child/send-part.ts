/** Sends a part: composes each pending message, hands it to the shaper, and closes the part when every message has come back. */

import type { Outcome } from "#campaign/broadlog/outcome.ts";
import { settleDoubt } from "#campaign/broadlog/settle-doubt.ts";
import { composeEagerly } from "#campaign/content/compose-message.ts";
import type { CompiledDelivery, ComposedMessage, MessageRecipient } from "#campaign/content/compiled-message.ts";
import type { MessageBuffers } from "#campaign/content/message-buffers.ts";
import { readPendingMessages } from "#campaign/delivery/pending-message-store.ts";
import type { Database } from "#foundation/database.ts";
import { isDatabaseAway } from "#foundation/database-errors.ts";
import { describeError } from "#foundation/errors.ts";
import type { Log } from "#foundation/log.ts";
import { parseEnvelopeAddress } from "#protocols/smtp/envelope-address.ts";
import { failureReasons, failureTypes } from "#schemas/codes.ts";

import type { Archive } from "./archive/open-archive.ts";
import type { DatabaseWait } from "./await-database.ts";
import { closePart } from "./close-part.ts";
import type { OutcomeKeeper } from "./keep-outcome.ts";
import { addOutcome, type PartRun } from "./part-run.ts";
import { recordOutcomesOfPart } from "./record-outcomes-of-part.ts";
import type { RecallDelivery } from "./remember-deliveries.ts";
import type { FindPool } from "./routing/find-pool.ts";
import type { Renderer } from "./rendering/open-renderer.ts";
import type { FindRoute } from "./routing/find-route.ts";
import type { Job, JobEnd } from "./sending/job.ts";
import {
  deferral,
  invalidDomain,
  judgeOutcome,
  notComposed,
  type Verdict,
  withoutAddress,
} from "./sending/judge-outcome.ts";
import type { Shaper } from "./sending/shape-traffic.ts";

export type SendingTools = {
  readonly db: Database;
  readonly childId: string;
  readonly log: Log;
  readonly now: () => Date;
  readonly elapsedMs: () => number;
  readonly recallDelivery: RecallDelivery;
  readonly renderer: Renderer;
  readonly findRoute: FindRoute;
  readonly findPool: FindPool;
  readonly shaper: Shaper;
  readonly keeper: OutcomeKeeper;
  readonly databaseWait: DatabaseWait;
  /** Where the memory of messages comes from. */
  readonly buffers: MessageBuffers;
  /** Nothing is transmitted; messages are composed and counted as sent. */
  readonly verifyMode: boolean;
  /** Undefined: the sources of messages are not kept. */
  readonly archive?: Archive | undefined;
  /** Messages in doubt are sent again; else they fail and are left alone. */
  readonly retryLostMessages: boolean;
  readonly retryPeriodSec: number;
  readonly retryCount: number;
  /** Called as each message has come back: there may be room for another part. */
  readonly onMessageEnd: () => void;
  /** Aborted when the process ends and what cannot be recorded is left to the journal. */
  readonly signal: AbortSignal;
};

/** Domains of a part that are looked up at the same time. */
const lookupsAtOnce = 20;
/** Outcomes go to the database when so many have collected, or after the time below. */
const outcomesPerBatch = 500;
const batchEveryMs = 1_000;

/**
 * Sends what is pending of a part. Errors end up in the log and in the part's state: the caller has nothing to do about them.
 */
export async function sendPart(run: PartRun, tools: SendingTools): Promise<void> {
  const { part } = run;
  const stopRecording = recordNowAndThen(run, tools);
  try {
    const delivery = await tools.recallDelivery(part.deliveryId);
    const recipients = await readPendingMessages(tools.db, delivery, part);
    run.fill = tools.renderer.begin(run, delivery, recipients);
    await sendAll(run, delivery, recipients, tools);
  } catch (error) {
    tools.log.error("mta.part_failed", {
      partId: part.partId,
      deliveryId: part.deliveryId,
      reason: describeError(error),
    });
    // What was not tried comes again soon, and not as a retry.
    if (isDatabaseAway(error)) run.unread += 1;
    else run.throttled += 1;
  } finally {
    run.unrouted = 0;
    await stopRecording();
  }
  const state = await closePart(run, tools);
  tools.log.info("mta.part_sent", {
    partId: part.partId,
    deliveryId: part.deliveryId,
    state: state ?? "left to the journal",
    sent: run.sent,
    failed: run.failed,
    deferred: run.deferred,
    inDoubt: run.inDoubt,
    throttled: run.throttled,
    crowded: run.crowded,
    durationMs: Math.round(tools.elapsedMs() - run.startedMs),
  });
}

/**
 * Resolves when each message has an outcome or was left.
 * @throws what a lookup threw, once nothing of the part is under way: whoever closes it lets others send it
 */
async function sendAll(
  run: PartRun,
  delivery: CompiledDelivery,
  recipients: readonly MessageRecipient[],
  tools: SendingTools,
): Promise<void> {
  run.unrouted = recipients.length;
  const domains = [...Map.groupBy(recipients, ({ address }) => parseEnvelopeAddress(address)?.domain)];
  const ends: Promise<void>[] = [];
  const routeNext = async (): Promise<void> => {
    for (let entry = domains.shift(); entry !== undefined; entry = domains.shift()) {
      const [domain, ofDomain] = entry;
      ends.push(...(await sendToDomain(run, delivery, domain, ofDomain, tools)));
      run.unrouted -= ofDomain.length;
    }
  };
  const lookups = await Promise.allSettled(Array.from({ length: lookupsAtOnce }, () => routeNext()));
  await Promise.all(ends);
  const failed = lookups.find((lookup) => lookup.status === "rejected");
  if (failed !== undefined) throw failed.reason;
}

/** Routes the messages of one domain; answers promises of their ends. */
async function sendToDomain(
  run: PartRun,
  delivery: CompiledDelivery,
  domain: string | undefined,
  recipients: readonly MessageRecipient[],
  tools: SendingTools,
): Promise<Promise<void>[]> {
  if (domain === undefined) return endTogether(run, recipients, unsafeAddress, tools);
  if (tools.verifyMode || run.part.sendingMode === "simulation")
    return recipients.map((recipient) => simulate(run, delivery, recipient, tools));
  const route = await tools.findRoute(domain);
  switch (route.kind) {
    case "refused":
      return endTogether(run, recipients, invalidDomain(route.text, route.isFinalForAddress ? "hard" : "soft"), tools);
    case "unresolved":
      return endTogether(run, recipients, deferral(route.text), tools);
    case "destination": {
      const { affinity } = run.part;
      const pool = tools.findPool(affinity, domain);
      if (pool === undefined) return endTogether(run, recipients, withoutAddress(affinity, domain), tools);
      const ends: Promise<void>[] = [];
      const jobs = recipients.map((recipient) => {
        const { job, ended } = makeJob(run, delivery, recipient, tools);
        ends.push(ended);
        return job;
      });
      tools.shaper.add(route.destination, pool, jobs);
      return ends;
    }
  }
}

const unsafeAddress = judgeOutcome({
  kind: "unsendable",
  reason: "unsafe_address",
  text: "the address is not one that SMTP can carry",
});

function makeJob(
  run: PartRun,
  delivery: CompiledDelivery,
  recipient: MessageRecipient,
  tools: SendingTools,
): { job: Job; ended: Promise<void> } {
  const { promise: ended, resolve } = Promise.withResolvers<void>();
  const job: Job = {
    broadLogId: recipient.broadLogId,
    owner: run,
    queuedMs: tools.elapsedMs(),
    isSmtpTest: run.part.sendingMode === "smtpTest",
    tries: 0,
    mayBegin: () => !run.isHalted,
    announce: announcing(run, recipient, tools),
    leave: () => tools.keeper.note(run.part, recipient.broadLogId, tools.now()),
    stay: () => tools.keeper.withdraw(recipient.broadLogId),
    compose: composing(delivery, recipient, run, tools),
    end: async (end) => {
      try {
        if (end.kind === "left") takeLeft(run, job, end.reason);
        else await takeOutcome(run, end.outcome, tools);
        if (tools.archive !== undefined) await settleArchived(run, job, end, tools.archive);
      } finally {
        resolve();
        tools.onMessageEnd();
      }
    },
  };
  return { job, ended };
}

/** Where what is in doubt is held, it must be known exactly; where it is sent again, nobody waits for that. */
function announcing(
  { part }: PartRun,
  { broadLogId }: MessageRecipient,
  { keeper, retryLostMessages, now }: SendingTools,
): Job["announce"] {
  if (retryLostMessages || part.sendingMode !== "normal") return undefined;
  return () => keeper.announce(part, broadLogId, now());
}

/** Composes once there is memory, and what scripts answer for the recipient. */
async function composeLater(
  delivery: CompiledDelivery,
  recipient: MessageRecipient,
  { fill }: PartRun,
  { buffers, now }: SendingTools,
): Promise<ComposedMessage> {
  const complete = fill === undefined ? recipient : await fill(recipient);
  await buffers.whenFree();
  return composeEagerly(delivery, complete, now(), buffers);
}

/** Composes, and archives what is to leave where there is an archive. */
function composing(
  delivery: CompiledDelivery,
  recipient: MessageRecipient,
  run: PartRun,
  tools: SendingTools,
): Job["compose"] {
  const { part, fill } = run;
  const { archive, buffers, now } = tools;
  const compose: Job["compose"] = () =>
    fill === undefined && buffers.isFree
      ? composeEagerly(delivery, recipient, now(), buffers)
      : composeLater(delivery, recipient, run, tools);
  if (archive === undefined || part.sendingMode !== "normal") return compose;
  return async () => {
    const message = await compose();
    try {
      await archive.keep({ deliveryId: part.deliveryId, broadLogId: recipient.broadLogId }, message.content);
      return message;
    } catch (error) {
      message.release(false);
      throw error;
    }
  };
}

function takeLeft(run: PartRun, job: Job, reason: Extract<JobEnd, { kind: "left" }>["reason"]): void {
  if (reason === "throttled") run.throttled += 1;
  if (reason === "crowded") run.crowded += 1;
  job.stay();
}

function settleArchived({ part }: PartRun, { broadLogId }: Job, end: JobEnd, archive: Archive): Promise<void> {
  return archive.settle({ deliveryId: part.deliveryId, broadLogId }, end.kind === "left" ? "left" : end.outcome.kind);
}

async function takeOutcome(run: PartRun, given: Outcome, tools: SendingTools): Promise<void> {
  const { keeper } = tools;
  const outcome = settleDoubt(given, tools.retryLostMessages);
  const { deliveryId, logDate } = run.part;
  const receipt = await keeper.keep({ deliveryId, logDate, outcome });
  addOutcome(run, outcome, receipt);
}

function endTogether(
  run: PartRun,
  recipients: readonly MessageRecipient[],
  verdict: Verdict,
  tools: SendingTools,
): Promise<void>[] {
  return recipients.map(({ broadLogId }) => takeOutcome(run, { ...verdict, broadLogId, at: tools.now() }, tools));
}

async function simulate(
  run: PartRun,
  delivery: CompiledDelivery,
  recipient: MessageRecipient,
  tools: SendingTools,
): Promise<void> {
  const verdict = await composeLater(delivery, recipient, run, tools).then(
    (message): Verdict => {
      message.release(true);
      return {
        kind: "sent",
        failureType: failureTypes.none,
        failureReason: failureReasons.notDefined,
        text: "verify mode: not transmitted",
        isSimulated: true,
      };
    },
    (error: unknown) => notComposed(error),
  );
  if (verdict.kind !== "sent" && run.isHalted) return;
  await takeOutcome(run, { ...verdict, broadLogId: recipient.broadLogId, at: tools.now() }, tools);
}

/** Records in the background; the returned function waits for the write under way. */
function recordNowAndThen(run: PartRun, { db, log }: SendingTools): () => Promise<void> {
  let writing: Promise<void> | undefined;
  let ticks = 0;
  const timer = setInterval(() => {
    ticks += 1;
    const isDue = run.unrecorded.length >= outcomesPerBatch || (ticks % 4 === 0 && run.unrecorded.length > 0);
    if (writing !== undefined || !isDue) return;
    writing = recordOutcomesOfPart(db, run, () => Promise.resolve())
      // What could not be recorded is tried again with the next batch, and in the end by closePart.
      .catch((error: unknown) =>
        log.debug("mta.outcomes_wait", { partId: run.part.partId, reason: describeError(error) }),
      )
      .finally(() => {
        writing = undefined;
      });
  }, batchEveryMs / 4);
  return async () => {
    clearInterval(timer);
    await writing;
  };
}
