/**
 * Sends messages by BDAT, several at once: RSET, MAIL, RCPT, BDAT and content leave in one write, and the replies are matched to their
 * messages in order. A content whose recipient is refused meanwhile is discarded by the server (RFC 3030 section 2), and never
 * counts as sent.
 */

import { type Carrier, contentLimitMs, fits, isRefusal, lose, type Sending, type SessionState } from "./carrier.ts";
import type { Pushed } from "./conversation.ts";
import type { Loss, SendingStage, SendOutcome } from "./outcome.ts";
import { type Message, prepareEnvelope } from "./prepare-envelope.ts";
import { isAccepting, isClosing, type SmtpReply } from "./reply.ts";
import { endLines } from "./stuff-dots.ts";

/**
 * Messages under way at the same time, at most: as many may be in doubt when the connection breaks. The first of a session goes alone and
 * by DATA, and each one that is taken doubles their number.
 */
export const mostInFlight = 8;
/** After a message this long the next one waits for its answer: the server's memory and ours are bounded. */
const largeBytes = 262_144;
/** A server that has announced its leave has this long for what is still to be said. */
const afterClosingMs = 5_000;

type Memory = {
  /** The server has said 421: what it does not answer before it hangs up, it has not taken. */
  isClosing: boolean;
  /** Replies can no longer be matched. */
  outOfStep: Loss | undefined;
};

/**
 * Opens the way by BDAT.
 * @source RFC 3030, RFC 2920, RFC 1047
 */
export function sendByChunks(sending: Sending): Carrier {
  const { conversation, extensions, state } = sending;
  const memory: Memory = { isClosing: false, outOfStep: undefined };
  let window = 2;
  let lastBytes = 0;
  let inFlight = 0;
  /** Resolves when every message before has had its replies. */
  let turn: Promise<void> = Promise.resolve();

  return {
    get window() {
      return lastBytes > largeBytes ? 1 : window;
    },
    get inFlight() {
      return inFlight;
    },
    send: async (message) => {
      const envelope = prepareEnvelope(extensions, message);
      if ("kind" in envelope) return envelope;
      const mayGo = message.mayGo?.() ?? true;
      if (mayGo !== true && !(await mayGo)) return lose(state, "mail", heldBack);
      if (!state.isUsable) return lose(state, "mail", conversation.loss ?? cutShort);
      // What becomes of those before is not known yet: one that is refused would leave its transaction open.
      const isReset = state.needsReset || inFlight > 0;
      const content = message.isClean === true ? message.content : endLines(message.content);
      const group = `${isReset ? "RSET\r\n" : ""}${envelope.mail}${envelope.rcpt}BDAT ${content.length} LAST\r\n`;
      if (message.mayLeave?.() === false) return lose(state, "mail", heldBack);
      const margins = content === message.content ? message.margins : undefined;
      const pushed = conversation.push({ before: group, content, behind: "", margins });
      inFlight += 1;
      lastBytes = content.length;
      const before = turn;
      const { promise, resolve } = Promise.withResolvers<void>();
      turn = promise;
      await before;
      const outcome = await hearTransaction(sending, memory, { message, isReset, pushed });
      inFlight -= 1;
      if (outcome.kind === "sent") {
        state.sentCount += 1;
        window = Math.min(mostInFlight, window * 2);
      }
      resolve();
      return outcome;
    },
  };
}

const cutShort: Loss = { cause: "closed", text: "the session ended before it" };
const heldBack: Loss = { cause: "closed", text: "the message was taken back before its content" };
const endsOfTransaction = ["mail", "rcpt", "content"] as const;

type Refusal = Extract<SendOutcome, { kind: "refused" }>;
type Transaction = { readonly message: Message; readonly isReset: boolean; readonly pushed: Pushed };

/** Hears the replies of one message, when those of all before are heard. */
async function hearTransaction(sending: Sending, memory: Memory, transaction: Transaction): Promise<SendOutcome> {
  const { conversation, state } = sending;
  const stages: readonly SendingStage[] = transaction.isReset ? ["reset", ...endsOfTransaction] : endsOfTransaction;
  let refusal: Refusal | undefined;
  for (const stage of stages) {
    if (memory.outOfStep !== undefined) return refusal ?? unanswered(transaction, stage, memory.outOfStep);
    const heard = conversation.take() ?? (await conversation.hear(limitFor(sending, memory, transaction, stage)));
    if (heard.kind === "lost") return refusal ?? breakOff(sending, memory, transaction, stage, heard.loss);
    const { reply } = heard;
    const fault = findFault(stage, reply.code, fits(stage, reply), transaction.pushed);
    if (fault !== undefined) {
      memory.outOfStep = fault;
      return refusal ?? breakOff(sending, memory, transaction, stage, fault);
    }
    if (isClosing(reply)) {
      memory.isClosing = true;
      state.isUsable = false;
    }
    if (stage === "reset" && isAccepting(reply)) state.needsReset = false;
    if (stage === "mail" && isAccepting(reply)) state.needsReset = true;
    if (isRefusal(reply)) {
      refusal ??= { kind: "refused", stage, reply };
      continue;
    }
    if (stage === "content") return takeAcceptance(state, reply, refusal);
  }
  return refusal ?? unanswered(transaction, "content", cutShort);
}

/** The content was accepted. */
function takeAcceptance(state: SessionState, reply: SmtpReply, refusal: Refusal | undefined): SendOutcome {
  state.needsReset = false;
  if (refusal === undefined) return { kind: "sent", reply };
  // A server that takes a content for nobody cannot be trusted with the next.
  state.isUsable = false;
  return refusal.stage === "rcpt"
    ? refusal
    : {
        kind: "in_doubt",
        loss: { cause: "protocol", text: `accepted, after ${refusal.reply.code} to ${refusal.stage}` },
      };
}

function findFault(stage: SendingStage, code: number, isFitting: boolean, pushed: Pushed): Loss | undefined {
  if (!isFitting || (stage === "reset" && code >= 400 && code !== 421))
    return { cause: "protocol", text: `${code} is no answer to ${stage}` };
  if (stage === "content" && code < 400 && !pushed.mayBeOut)
    return { cause: "protocol", text: "the server answers before the content is over" };
  return undefined;
}

function limitFor(
  { timeouts }: Sending,
  { isClosing: isEnding }: Memory,
  { message }: Transaction,
  stage: SendingStage,
): number {
  if (isEnding) return Math.min(afterClosingMs, timeouts.commandMs);
  if (stage === "content") return contentLimitMs(timeouts, message.content.length) + timeouts.finalReplyMs;
  return timeouts.commandMs;
}

/** Ends the session in the middle of a message. */
function breakOff(
  { conversation, state }: Sending,
  memory: Memory,
  transaction: Transaction,
  stage: SendingStage,
  loss: Loss,
): SendOutcome {
  const isFarewell = memory.isClosing && loss.cause === "closed";
  if (!isFarewell) state.runningOn = "failed";
  const isWhole = transaction.pushed.mayBeOut;
  conversation.cut(loss);
  if (isFarewell || !isWhole) return lose(state, stage, loss);
  state.isUsable = false;
  return { kind: "in_doubt", loss };
}

/** A message whose replies can no longer be told from others. */
function unanswered({ pushed }: Transaction, stage: SendingStage, loss: Loss): SendOutcome {
  return pushed.mayBeOut ? { kind: "in_doubt", loss } : { kind: "lost", stage, loss };
}
