/** The messages that wait for one destination, and the sessions that carry them. */

import type { Path, Waiting, WaitReason } from "#channels/permits/permit-messages.ts";
import type { Log } from "#foundation/log.ts";
import { describeError } from "#foundation/errors.ts";

import type { Destination } from "../routing/destination.ts";
import type { Target, Targets } from "../routing/order-paths.ts";
import { openAsking } from "./asking.ts";
import { endWith, openCarrier } from "./carry-message.ts";
import { openIdleSessions } from "./idle-sessions.ts";
import type { Job } from "./job.ts";
import { deferral, invalidDomain, type Verdict } from "./judge-outcome.ts";
import { openPace } from "./lane-pace.ts";
import { openLaneWait } from "./lane-wait.ts";
import { type Link, type Linking, type LinkTools, openLink } from "./open-link.ts";
import { openUnderWay } from "./under-way.ts";

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
  /** Gives sessions to an address to who asks for one: those that only wait at once, else one after its message. */
  yieldOne(address: string): void;
  /** Sessions to an address. */
  sessionsTo(address: string): number;
  /** True while sessions wait for a message. */
  readonly isIdle: boolean;
  /** Messages that may leave within a second: none while they wait for a quota, or for a server that cannot be reached. */
  readonly ready: number;
  /** Called each second. */
  measure(): void;
  /** True while there is no use in more messages: one of the two, and it is not time to try again. */
  readonly holdsBack: boolean;
  /** Takes out every message that has not begun. */
  takeAll(): Job[];
  /** Takes out so many of those that came last. */
  takeLast(count: number): Job[];
  /** The most that left in one of the last seconds in which it was kept busy; infinite when it was not. */
  readonly perSecond: number;
  /** What waits here and why; undefined while messages leave. */
  describeWait(): Waiting | undefined;
  /** Begins nothing any more; sessions end after the message under way. */
  drain(): void;
  /** Cuts the sessions. */
  cut(): void;
  readonly waiting: number;
  readonly sessions: number;
  /** Of the address that its messages leave from. */
  readonly publicId: number;
};

export type LaneTools = LinkTools & {
  readonly resolveTargets: (destination: Destination) => Promise<Targets>;
  readonly elapsedMs: () => number;
  readonly idleSessionMs: number;
  /** Takes room for one session; false when all is taken. */
  readonly takeRoom: () => boolean;
  readonly giveRoom: () => void;
  /** All connections of a path are taken: other lanes of this child give theirs. */
  readonly makeWay: (path: Path) => void;
  /** Gives room to others while a server keeps silent; false when too many do. What was given is taken back in any case. */
  readonly stepAside: () => boolean;
  readonly stepBack: () => void;
  /** True while outcomes can be kept and leases hold. */
  readonly isSafe: () => boolean;
  /** Resolves when they can and do; false when sending ends. */
  readonly whenSafe: () => Promise<boolean>;
  readonly now: () => Date;
  readonly log: Log;
};

/** A further session is opened for each so many waiting messages. */
const messagesPerSession = 10;
const failedSessionHoldMs = 5_000;
/** A server that has not let us in by then does not hold up the others: its session waits without taking room. */
const patienceMs = 2_000;
/** A connection that was given away is not asked back at once. */
const yieldHoldMs = 1_000;
/** One busy session at a time is given away: the other child asks for many at once, and would get more than its half. */
const yieldPauseMs = 200;
/** The next part is on its way to a session that waits for less than this. */
const shortIdleMs = 200;

/** Another of our addresses may be free to send; where connections are rare, or `stat` cannot grant, it would wait as well. */
function isOfAddress(reason: WaitReason): boolean {
  return reason === "quota" || reason === "flow" || reason === "warmUp";
}

/** Opens an empty lane. */
export function openLane(destination: Destination, tools: LaneTools): Lane {
  const queue: Job[] = [];
  const links = new Set<Link>();
  const idle = openIdleSessions(tools);
  const ending = new AbortController();
  const asking = openAsking(tools.elapsedMs, () => pump());
  let sessions = 0;
  let yieldAgainMs = 0;
  /** Why nothing gets through; undefined once a session was opened. */
  let failure: string | undefined;
  /** A session was opened and nothing failed since: before that, one at a time shows whether the destination lets us in. */
  let isProved = false;
  /** The hourly limit is met. */
  let isThrottled = false;
  const waits = openLaneWait(tools);
  const pace = openPace();

  const pump = (): void => {
    if (ending.signal.aborted) return;
    if (queue.length > 0) idle.wakeAll();
    const wanted = isProved ? Math.ceil(queue.length / messagesPerSession) : Math.min(1, queue.length);
    while (sessions < wanted && asking.mayBegin && tools.takeRoom()) {
      sessions += 1;
      void runSession();
    }
  };

  /** One session's life: it opens, carries messages while there are any, waits a little for more, and ends. */
  const runSession = async (): Promise<void> => {
    const stopAsking = asking.begin();
    let link: Link | undefined;
    try {
      link = await openNext(stopAsking);
      stopAsking();
      if (link === undefined) return;
      // One has come through: the others may follow.
      pump();
      await carryAll(link);
    } catch (error) {
      tools.log.error("mta.session_failed", {
        reason: describeError(error),
        stack: error instanceof Error ? error.stack : undefined,
      });
      asking.hold(failedSessionHoldMs);
    } finally {
      stopAsking();
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
    const underWay = openUnderWay();
    try {
      while ((mayCarry(link) || (await hasNext(link))) && (tools.isSafe() || (await tools.whenSafe()))) {
        // The slice of its tokens may have ended meanwhile.
        const job = link.tokens > 0 ? queue.shift() : undefined;
        if (job === undefined) continue;
        pace.noteBegun(queue.length);
        // Asked alone: nothing of it may mix with what runs ahead of its answer.
        const isAlone = job.isSmtpTest === true;
        if (isAlone) await underWay.below(() => 1);
        underWay.add(carrier.carry(link, job));
        // It changes as the server proves itself.
        const limit = (): number => (isAlone ? 1 : link.session.window);
        if (underWay.isFull(limit())) await underWay.below(limit);
      }
    } finally {
      await underWay.end();
    }
  };

  /** @param stopAsking lets the next one ask */
  const openNext = async (stopAsking: () => void): Promise<Link | undefined> => {
    // Asked for each session: the names remember their answers, and each session begins with another of equal exchangers.
    const found = await tools.resolveTargets(destination);
    if (found.kind !== "targets") {
      await endAll(found.kind === "refused" ? invalidDomain(found.text, "soft") : deferral(found.text));
      return undefined;
    }
    const linking = await openPatiently(found.targets, stopAsking);
    switch (linking.kind) {
      case "open":
        // After a failure the first answer to a message counts: a server may greet and then send away.
        isProved ||= failure === undefined;
        isThrottled = false;
        asking.noteLeave();
        waits.end();
        links.add(linking.link);
        return linking.link;
      case "busy":
        asking.noteRefused(linking.waitMs);
        isThrottled = isOfAddress(linking.reason);
        waits.note(linking);
        if (linking.reason === "connections") tools.makeWay(linking.path);
        return undefined;
      case "unreachable":
        failure = linking.text === "" ? (failure ?? "no address can be reached") : linking.text;
        isProved = false;
        if (linking.path !== undefined)
          waits.note({ waitMs: linking.waitMs, reason: "unreachable", path: linking.path });
        asking.hold(linking.waitMs);
        return undefined;
      case "stopped":
        return undefined;
    }
  };

  const openPatiently = async (targets: readonly Target[], stopAsking: () => void): Promise<Linking> => {
    let isAside = false;
    const timer = setTimeout(() => {
      isAside = tools.stepAside();
      stopAsking();
      pump();
    }, patienceMs);
    try {
      return await openLink(targets, destination, tools, ending.signal);
    } finally {
      clearTimeout(timer);
      if (isAside) tools.stepBack();
    }
  };

  const goesOn = (link: Link): boolean => link.session.isUsable && link.messagesLeft > 0 && !link.mustEnd;

  /** True when the session can carry a message at once, and there is one. */
  const mayCarry = (link: Link): boolean =>
    queue.length > 0 && link.tokens > 0 && !ending.signal.aborted && goesOn(link);

  /** The same, waiting for a message or for leave a little. */
  const hasNext = async (link: Link): Promise<boolean> => {
    if (!goesOn(link)) return false;
    if (queue.length === 0) {
      if (ending.signal.aborted) return false;
      await idle.wait();
      if (queue.length === 0) return false;
    }
    if (ending.signal.aborted || !goesOn(link)) return false;
    if (link.tokens > 0) return true;
    const refused = await link.refill(ending.signal);
    if (refused !== undefined) {
      isThrottled = isOfAddress(refused.reason);
      waits.note({ ...refused, path: link.path });
      asking.hold(refused.waitMs);
    }
    return link.tokens > 0;
  };

  const linksTo = (address: string): Link[] =>
    [...links].filter(({ target, mustEnd }) => target.address === address && !mustEnd);

  const carrier = openCarrier(tools, {
    isEnding: () => ending.signal.aborted,
    again: (job) => {
      queue.unshift(job);
      pump();
    },
    onTrouble: (text) => {
      failure = text;
      isProved = false;
    },
    onSuccess: () => {
      if (failure !== undefined) queueMicrotask(pump);
      failure = undefined;
      isProved = true;
    },
  });

  const endAll = async (verdict: Verdict): Promise<void> => {
    await Promise.all(queue.splice(0).map((job) => endWith(job, verdict, tools.now())));
  };

  return {
    get waiting() {
      return queue.length;
    },
    get sessions() {
      return sessions;
    },
    publicId: tools.publicId,
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
    get holdsBack() {
      return (failure !== undefined || isThrottled) && asking.isHeld;
    },
    takeAll: () => queue.splice(0),
    takeLast: (count) => queue.splice(queue.length - count),
    get perSecond() {
      return pace.most;
    },
    describeWait: () =>
      waits.describe({
        destination: destination.key,
        messages: queue.length,
        sessions,
        isUnreachable: failure !== undefined,
        holdUntilMs: asking.holdUntilMs,
        queuedMs: queue[0]?.queuedMs ?? tools.elapsedMs(),
      }),
    get ready() {
      return failure === undefined && !isThrottled ? pace.limit(queue.length) : 0;
    },
    measure: () => pace.measure(),
    sessionsTo: (address) => linksTo(address).length,
    get isIdle() {
      return idle.size > 0;
    },
    yieldOne: (address) => {
      const [link] = linksTo(address);
      if (link === undefined) return;
      // Those that have just begun to wait are asked again soon, by who waits for them.
      if (idle.size > 0) idle.wakeAll(shortIdleMs);
      else if (links.size > 1 && tools.elapsedMs() >= yieldAgainMs) {
        yieldAgainMs = tools.elapsedMs() + yieldPauseMs;
        asking.hold(yieldHoldMs);
        link.mustEnd = true;
      }
    },
    releaseIdle: () => {
      idle.wakeAll();
    },
    drain: () => {
      ending.abort();
      asking.stop();
      idle.wakeAll();
    },
    cut: () => {
      for (const link of links) link.session.cut();
    },
  };
}

function takeOut(queue: Job[], isTaken: (job: Job) => boolean): Job[] {
  const taken = queue.filter((job) => isTaken(job));
  if (taken.length > 0) queue.splice(0, queue.length, ...queue.filter((job) => !isTaken(job)));
  return taken;
}
