/** Carries one message over a session: composes it, sends it, and decides what comes of it. */

import type { Lot } from "#channels/permits/held-permits.ts";
import type { ComposedMessage } from "#campaign/content/compiled-message.ts";
import type { SendOutcome } from "#protocols/smtp/outcome.ts";
import { isClosing, replyText } from "#protocols/smtp/reply.ts";

import type { Place } from "./content-window.ts";
import type { Job } from "./job.ts";
import { judgeOutcome, notComposed, type Verdict } from "./judge-outcome.ts";
import type { Link, LinkTools } from "./open-link.ts";

export type MessageCarrier = {
  /** Resolves when the message has its end, or waits again. */
  carry(link: Link, job: Job): Promise<void>;
};

type CarrierTools = Pick<LinkTools, "health"> & {
  /** True while outcomes can be kept and leases hold. */
  readonly isSafe: () => boolean;
  /** Resolves when they can and do; false when sending ends. */
  readonly whenSafe: () => Promise<boolean>;
  readonly now: () => Date;
};

/** The lane that the messages come from. */
type CarrierOwner = {
  readonly isEnding: () => boolean;
  /** The message waits again, before all others. */
  readonly again: (job: Job) => void;
  /** A server has hung up on us, with what it said. */
  readonly onTrouble: (text: string) => void;
  /** A server has answered a message. */
  readonly onSuccess: () => void;
};

/** It was decided what comes of a message; `kept` resolves when its outcome is. */
type Concluded = { readonly kept: Promise<void> | undefined };

/** Sessions that may be lost under a message in one pass, before it is deferred. */
const mostTries = 3;
/** Sessions that a server may end under a message after it has taken others. */
const mostDismissals = 10;

/** Prepares to carry messages of one lane. */
export function openCarrier(tools: CarrierTools, owner: CarrierOwner): MessageCarrier {
  const carry = async (link: Link, job: Job): Promise<void> => {
    if (!job.mayBegin()) return job.end({ kind: "left", reason: "halted" });
    const lot = link.begin();
    const composed = compose(job);
    const message = composed instanceof Promise ? await composed.catch(notComposed) : composed;
    if (!("content" in message)) {
      link.giveUp(lot);
      // What could not be composed because its delivery was halted meanwhile is not to blame.
      return job.mayBegin() ? endWith(job, message, tools.now()) : job.end({ kind: "left", reason: "halted" });
    }
    if (job.announce !== undefined && !(await mayStart(job, job.announce))) {
      message.release(true);
      link.giveUp(lot);
      return job.mayBegin() ? owner.again(job) : job.end({ kind: "left", reason: "halted" });
    }
    let concluded: Concluded;
    try {
      concluded = await transmit(link, lot, job, message);
    } finally {
      message.release(!link.session.isWriting);
    }
    await concluded.kept;
  };

  /**
   * Sends a message, and hands what the server made of it to the journal at once: before the next content behind the dot goes. What is
   * noted of that one takes it along to the file.
   */
  const transmit = async (
    link: Link,
    lot: Lot | undefined,
    job: Job,
    { envelope, content, margins, needsSmtpUtf8 }: ComposedMessage,
  ): Promise<Concluded> => {
    if (job.isSmtpTest === true)
      return { kept: conclude(link, lot, job, await link.session.test({ envelope, content })) };
    let isHeldBack = false;
    const mayLeave = (): boolean => {
      isHeldBack = !job.leave();
      return !isHeldBack;
    };
    let place: Place | undefined;
    const leaveWindow = (isAccepted: boolean): void => {
      if (place !== undefined) link.window.leave(place, isAccepted);
      place = undefined;
    };
    let concluded: Concluded | undefined;
    const take = (outcome: SendOutcome): Concluded => {
      const kept = conclude(link, lot, job, isHeldBack ? undefined : outcome);
      leaveWindow(outcome.kind === "sent");
      return { kept };
    };
    const onOutcome = (outcome: SendOutcome): void => {
      concluded = take(outcome);
    };
    const isClean = !needsSmtpUtf8;
    const mayGo = (): boolean | Promise<boolean> => {
      const found = link.window.enter();
      if (found instanceof Promise) return waitToGo(found);
      place = found;
      return tools.isSafe() || tools.whenSafe();
    };
    const waitToGo = async (found: Promise<Place>): Promise<boolean> => {
      place = await found;
      return tools.isSafe() || tools.whenSafe();
    };
    try {
      const outcome = await link.session.send({ envelope, content, margins, isClean, mayGo, mayLeave, onOutcome });
      return concluded ?? take(outcome);
    } finally {
      leaveWindow(false);
    }
  };

  /** Decides what comes of it; the promise resolves when the outcome is kept. */
  const conclude = (
    link: Link,
    lot: Lot | undefined,
    job: Job,
    outcome: SendOutcome | undefined,
  ): Promise<void> | undefined => {
    if (outcome === undefined) {
      link.giveUp(lot);
      owner.again(job);
      return undefined;
    }
    // Those that it has accepted before this one.
    const sentBefore = link.session.sentCount - (outcome.kind === "sent" ? 1 : 0);
    noteHealth(link, outcome, sentBefore);
    link.noteEnd(lot, outcome);
    if (!isWorthAnotherSession(outcome, sentBefore, job)) return endWith(job, judgeOutcome(outcome), tools.now());
    job.tries += 1;
    if (owner.isEnding()) return job.end({ kind: "left", reason: "halted" });
    job.stay();
    owner.again(job);
    return undefined;
  };

  const noteHealth = (link: Link, outcome: SendOutcome, sentBefore: number): void => {
    const { address } = link.target;
    const { runningOn } = link.session;
    tools.health.noteRunningOn(address, runningOn);
    if (outcome.kind === "lost" || (outcome.kind === "refused" && isClosing(outcome.reply))) {
      // A server that has taken messages and then hangs up has had enough of this session, not of us.
      if (sentBefore > 0 || link.isBlamed) return;
      link.isBlamed = true;
      tools.health.fail(link.pathName);
      owner.onTrouble(outcome.kind === "lost" ? outcome.loss.text : replyText(outcome.reply));
      const isEnvelope = outcome.stage === "mail" || outcome.stage === "rcpt" || outcome.stage === "data";
      const isOfPipelining = outcome.kind === "lost" && link.session.isPipelined && isEnvelope;
      if (isOfPipelining && runningOn !== "failed") tools.health.distrustPipelining(address);
    } else if (outcome.kind !== "unsendable") {
      tools.health.succeed(link.pathName);
      owner.onSuccess();
    }
  };

  return { carry };
}

function compose(job: Job): ComposedMessage | Verdict | Promise<ComposedMessage> {
  try {
    return job.compose();
  } catch (error) {
    return notComposed(error);
  }
}

async function mayStart(job: Job, announce: () => Promise<boolean>): Promise<boolean> {
  return (await announce()) && job.mayBegin();
}

/** Ends a message with a verdict. */
export function endWith(job: Job, verdict: Verdict, at: Date): Promise<void> {
  return job.end({ kind: "outcome", outcome: { ...verdict, broadLogId: job.broadLogId, at } });
}

/** A message that surely was not taken may go over another session, a few times. */
function isWorthAnotherSession(outcome: SendOutcome, sentBefore: number, job: Job): boolean {
  if (outcome.kind === "lost") return job.tries + 1 < mostTries;
  // The server had enough of the session, not of this message: each session carries some, so this comes to an end.
  return outcome.kind === "refused" && isClosing(outcome.reply) && sentBefore > 0 && job.tries + 1 < mostDismissals;
}
