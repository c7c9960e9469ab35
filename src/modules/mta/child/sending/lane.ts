/** The messages that wait for one destination, and the sessions that carry them. */

import type { ComposedMessage } from "#campaign/content/compiled-message.ts";
import type { Log } from "#foundation/log.ts";
import { isClosing } from "#protocols/smtp/reply.ts";
import type { SendOutcome } from "#protocols/smtp/outcome.ts";
import { describeError } from "#foundation/errors.ts";

import type { Destination } from "../routing/destination.ts";
import type { Targets } from "../routing/order-paths.ts";
import type { Job } from "./job.ts";
import { deferral, invalidDomain, judgeOutcome, notComposed, type Verdict } from "./judge-outcome.ts";
import { type Link, type LinkTools, openLink } from "./open-link.ts";

export type Lane = {
  add(jobs: readonly Job[]): void;
  /** Starts sessions as far as there are messages, room and leave. */
  pump(): void;
  /** Takes back the messages of an owner that have not begun. */
  takeBack(owner: object): Job[];
  /** Takes out the messages that wait longer than allowed, with the reason. */
  takeOverdue(maxAgeMs: number): { readonly jobs: readonly Job[]; readonly failure: string | undefined };
  /** Ends sessions that only wait for the next message. */
  releaseIdle(): void;
  /** Gives sessions of an address to another child: those that only wait at once, else one after its message. */
  yieldOne(address: string): void;
  /** True while messages may leave: they do not wait for a quota, nor for a server that cannot be reached. */
  readonly isFlowing: boolean;
  /** Begins nothing any more; sessions end after the message under way. */
  drain(): void;
  /** Cuts the sessions. */
  cut(): void;
  readonly waiting: number;
  readonly sessions: number;
};

export type LaneTools = LinkTools & {
  readonly resolveTargets: (destination: Destination) => Promise<Targets>;
  readonly elapsedMs: () => number;
  readonly idleSessionMs: number;
  /** Takes room for one session; false when all is taken. */
  readonly takeRoom: () => boolean;
  readonly giveRoom: () => void;
  /** Resolves when outcomes can be kept and leases hold; false when sending ends. */
  readonly whenSafe: () => Promise<boolean>;
  readonly now: () => Date;
  readonly log: Log;
};

/** A further session is opened for each so many waiting messages. */
const messagesPerSession = 10;
/** Sessions that may be lost under a message in one pass, before it is deferred. */
const mostTries = 3;
const targetsRememberedMs = 300_000;
const failedSessionHoldMs = 5_000;
/** A connection that was given away is not asked back at once. */
const yieldHoldMs = 1_000;
/** One busy session at a time is given away: the other child asks for many at once, and would get more than its half. */
const yieldPauseMs = 200;
/** The next part is on its way to a session that waits for less than this. */
const shortIdleMs = 200;

/** Opens an empty lane. */
export function openLane(destination: Destination, tools: LaneTools): Lane {
  const queue: Job[] = [];
  const links = new Set<Link>();
  /** Sessions that wait for the next message, and since when. */
  const idle = new Map<() => void, number>();
  const ending = new AbortController();
  let sessions = 0;
  let holdUntilMs = 0;
  let yieldAgainMs = 0;
  let holdTimer: NodeJS.Timeout | undefined;
  /** Why nothing gets through; undefined once a session was opened. */
  let failure: string | undefined;
  /** The hourly limit is met. */
  let isThrottled = false;
  let targets: { readonly found: Targets; readonly untilMs: number } | undefined;

  const hold = (waitMs: number): void => {
    holdUntilMs = tools.elapsedMs() + waitMs;
    clearTimeout(holdTimer);
    holdTimer = setTimeout(() => pump(), waitMs + 1);
    holdTimer.unref();
  };

  const pump = (): void => {
    if (ending.signal.aborted) return;
    for (const wake of idle.keys()) {
      if (queue.length === 0) return;
      idle.delete(wake);
      wake();
    }
    const wanted = failure === undefined ? Math.ceil(queue.length / messagesPerSession) : Math.min(1, queue.length);
    while (sessions < wanted && tools.elapsedMs() >= holdUntilMs && tools.takeRoom()) {
      sessions += 1;
      void runSession();
    }
  };

  /** One session's life: it opens, carries messages while there are any, waits a little for more, and ends. */
  const runSession = async (): Promise<void> => {
    let link: Link | undefined;
    try {
      link = await openNext();
      if (link !== undefined) await carryAll(link);
    } catch (error) {
      tools.log.error("mta.session_failed", {
        reason: describeError(error),
        stack: error instanceof Error ? error.stack : undefined,
      });
      hold(failedSessionHoldMs);
    } finally {
      if (link !== undefined) {
        links.delete(link);
        await link.close();
      }
      sessions -= 1;
      tools.giveRoom();
      pump();
    }
  };

  /**
   * Carries messages, as many at once as the session stands: what is under way or not yet safe in the journal is what may be doubled when
   * this process dies.
   */
  const carryAll = async (link: Link): Promise<void> => {
    const underWay = new Set<Promise<void>>();
    try {
      while ((await hasNext(link)) && (await tools.whenSafe())) {
        const job = queue.shift();
        if (job === undefined) continue;
        const carrying = carry(link, job).finally(() => underWay.delete(carrying));
        underWay.add(carrying);
        while (underWay.size >= link.session.window) await Promise.race(underWay);
      }
    } finally {
      await Promise.all(underWay);
    }
  };

  const openNext = async (): Promise<Link | undefined> => {
    const found = await findTargets();
    if (found.kind !== "targets") {
      await endAll(found.kind === "refused" ? invalidDomain(found.text, "soft") : deferral(found.text));
      return undefined;
    }
    const linking = await openLink(found.targets, destination.port, tools, ending.signal);
    switch (linking.kind) {
      case "open":
        failure = undefined;
        isThrottled = false;
        links.add(linking.link);
        // One has come through: the others may follow.
        queueMicrotask(pump);
        return linking.link;
      case "busy":
        isThrottled = linking.reason === "quota";
        hold(linking.waitMs);
        return undefined;
      case "unreachable":
        failure = linking.text === "" ? (failure ?? "no address can be reached") : linking.text;
        hold(linking.waitMs);
        return undefined;
      case "stopped":
        return undefined;
    }
  };

  const findTargets = async (): Promise<Targets> => {
    if (targets !== undefined && targets.untilMs > tools.elapsedMs()) return targets.found;
    const found = await tools.resolveTargets(destination);
    targets = { found, untilMs: tools.elapsedMs() + (found.kind === "targets" ? targetsRememberedMs : 0) };
    return found;
  };

  /** True when the session can carry a message and there is one, waiting for it a little. */
  const hasNext = async (link: Link): Promise<boolean> => {
    if (!link.session.isUsable || link.messagesLeft <= 0 || link.mustEnd) return false;
    if (queue.length === 0 && !(await waitIdle())) return false;
    if (ending.signal.aborted || !link.session.isUsable || link.mustEnd) return false;
    if (link.tokens > 0) return true;
    const refused = await link.refill(ending.signal);
    if (refused !== undefined) {
      isThrottled = true;
      hold(refused.waitMs);
    }
    return link.tokens > 0;
  };

  const waitIdle = async (): Promise<boolean> => {
    if (ending.signal.aborted) return false;
    await new Promise<void>((resolve) => {
      const finish = (): void => {
        clearTimeout(timer);
        idle.delete(finish);
        resolve();
      };
      const timer = setTimeout(finish, tools.idleSessionMs);
      idle.set(finish, tools.elapsedMs());
    });
    return queue.length > 0;
  };

  const carry = async (link: Link, job: Job): Promise<void> => {
    if (!job.mayBegin()) return job.end({ kind: "left", reason: "halted" });
    link.tokens -= 1;
    link.messagesLeft -= 1;
    const message = await job
      .compose()
      .catch((error: unknown) => notComposed(`the message could not be composed: ${describeError(error)}`));
    if (!("content" in message)) {
      link.tokens += 1;
      link.messagesLeft += 1;
      return end(job, message);
    }
    // Signatures are ready in any order: what counts is the order in which messages are begun.
    const before = link.isSafe;
    const { promise, resolve } = Promise.withResolvers<void>();
    link.isSafe = promise;
    try {
      await transmit(link, job, message, () => before.then(() => tools.whenSafe()));
    } finally {
      resolve();
    }
  };

  /** @param mayGo waits until the outcome of the message before is safe: a content behind the dot must not go earlier */
  const transmit = async (
    link: Link,
    job: Job,
    { envelope, content }: ComposedMessage,
    mayGo: () => Promise<boolean>,
  ): Promise<void> => {
    const sentBefore = link.session.sentCount;
    const outcome = await link.session.send({ envelope, content, mayGo });
    noteHealth(link, outcome, sentBefore);
    if (isWorthAnotherSession(outcome, sentBefore, job)) {
      job.tries += 1;
      if (ending.signal.aborted) return job.end({ kind: "left", reason: "halted" });
      queue.unshift(job);
      pump();
      return undefined;
    }
    return end(job, judgeOutcome(outcome));
  };

  const noteHealth = (link: Link, outcome: SendOutcome, sentBefore: number): void => {
    const { address } = link.target;
    const { runningOn } = link.session;
    tools.health.noteRunningOn(address, runningOn);
    if (outcome.kind === "lost" || (outcome.kind === "refused" && isClosing(outcome.reply))) {
      // A server that has taken messages and then hangs up has had enough of this session, not of us.
      if (sentBefore > 0 || link.isBlamed) return;
      link.isBlamed = true;
      tools.health.fail(address);
      const isEnvelope = outcome.stage === "mail" || outcome.stage === "rcpt" || outcome.stage === "data";
      const isOfPipelining = outcome.kind === "lost" && link.session.isPipelined && isEnvelope;
      if (isOfPipelining && runningOn !== "failed") tools.health.distrustPipelining(address);
    } else if (outcome.kind !== "unsendable") tools.health.succeed(address);
  };

  const end = (job: Job, verdict: Verdict): Promise<void> =>
    job.end({ kind: "outcome", outcome: { ...verdict, broadLogId: job.broadLogId, at: tools.now() } });

  const endAll = async (verdict: Verdict): Promise<void> => {
    await Promise.all(queue.splice(0).map((job) => end(job, verdict)));
  };

  return {
    get waiting() {
      return queue.length;
    },
    get sessions() {
      return sessions;
    },
    add: (jobs) => {
      queue.push(...jobs);
      pump();
    },
    pump,
    takeBack: (owner) => takeOut(queue, (job) => job.owner === owner),
    takeOverdue: (maxAgeMs) => {
      const nowMs = tools.elapsedMs();
      return { jobs: takeOut(queue, (job) => nowMs - job.queuedMs > maxAgeMs), failure };
    },
    get isFlowing() {
      return failure === undefined && !isThrottled;
    },
    yieldOne: (address) => {
      const link = [...links].find((candidate) => candidate.target.address === address && !candidate.mustEnd);
      if (link === undefined) return;
      // Those that have just begun to wait are asked again soon, by who waits for them.
      if (idle.size > 0) {
        for (const [finish, sinceMs] of idle) if (tools.elapsedMs() - sinceMs >= shortIdleMs) finish();
      } else if (links.size > 1 && tools.elapsedMs() >= yieldAgainMs) {
        yieldAgainMs = tools.elapsedMs() + yieldPauseMs;
        hold(yieldHoldMs);
        link.mustEnd = true;
      }
    },
    releaseIdle: () => {
      for (const finish of idle.keys()) finish();
    },
    drain: () => {
      ending.abort();
      clearTimeout(holdTimer);
      for (const finish of idle.keys()) finish();
    },
    cut: () => {
      for (const link of links) link.session.cut();
    },
  };
}

/** A message that surely was not taken may go over another session, a few times. */
function isWorthAnotherSession(outcome: SendOutcome, sentBefore: number, job: Job): boolean {
  if (outcome.kind === "lost") return job.tries + 1 < mostTries;
  return outcome.kind === "refused" && isClosing(outcome.reply) && sentBefore > 0 && job.tries === 0;
}

function takeOut(queue: Job[], isTaken: (job: Job) => boolean): Job[] {
  const taken = queue.filter((job) => isTaken(job));
  if (taken.length > 0) queue.splice(0, queue.length, ...queue.filter((job) => !isTaken(job)));
  return taken;
}
