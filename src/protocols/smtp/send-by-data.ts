/**
 * Sends messages by DATA, each with its envelope in one write where PIPELINING is offered. Where the server has proved that it stands it, the
 * next envelope goes out together with the content before it: one round trip for a message instead of two, and still never a
 * content before its own recipient was accepted.
 */

import { type Carrier, contentLimitMs, fits, isRefusal, lose, type Sending, type SessionState } from "./carrier.ts";
import type { Pushed, Written } from "./conversation.ts";
import type { Loss, SendingStage, SendOutcome } from "./outcome.ts";
import { type Envelope, type Message, prepareEnvelope } from "./prepare-envelope.ts";
import { isAccepting, isClosing, type SmtpReply } from "./reply.ts";
import { isReadyForWire, stuffDots } from "./stuff-dots.ts";

type Entry = {
  readonly message: Message;
  readonly envelope: Envelope;
  /** What was said of it together with the content before. */
  said: readonly SendingStage[] | undefined;
  resolve(outcome: SendOutcome): void;
  reject(error: unknown): void;
};

/** One whose answer is awaited, one whose envelope is out, and one that is ready when the next content goes. */
const windowBehindDot = 3;

/**
 * Opens the way by DATA.
 * @source RFC 5321 section 3.3, RFC 2920, RFC 1047
 */
export function sendByData(sending: Sending): Carrier {
  const { state } = sending;
  const waiting: Entry[] = [];
  let inFlight = 0;
  let isRunning = false;

  const run = async (): Promise<void> => {
    isRunning = true;
    for (let entry = waiting.shift(); entry !== undefined; entry = waiting.shift()) {
      const isTrial = entry.said !== undefined && state.isUsable;
      const outcome = await sendOne(sending, entry, () => waiting[0]);
      if (isTrial && outcome.kind === "lost" && outcome.stage !== "content") state.runningOn = "failed";
      inFlight -= 1;
      if (outcome.kind === "sent") state.sentCount += 1;
      tell(entry, outcome);
    }
    isRunning = false;
  };

  return {
    get window() {
      return state.runningOn === "proved" ? windowBehindDot : 1;
    },
    get inFlight() {
      return inFlight;
    },
    send: (message) => {
      const envelope = prepareEnvelope(sending.extensions, message);
      if ("kind" in envelope) return Promise.resolve(envelope);
      return new Promise((resolve, reject) => {
        inFlight += 1;
        waiting.push({ message, envelope, said: undefined, resolve, reject });
        if (!isRunning) void run();
      });
    },
  };
}

/** What the caller fails with is the caller's: the session goes on. */
function tell({ message, resolve, reject }: Entry, outcome: SendOutcome): void {
  try {
    message.onOutcome?.(outcome);
    resolve(outcome);
  } catch (error) {
    reject(error);
  }
}

async function sendOne(sending: Sending, entry: Entry, findNext: () => Entry | undefined): Promise<SendOutcome> {
  const opening = await openTransaction(sending, entry);
  if (opening.kind !== "go") return opening;
  // Nearly always it is known at once.
  const mayGo = entry.message.mayGo?.() ?? true;
  if (mayGo !== true && !(await mayGo)) return lose(sending.state, "content", heldBack);
  if (entry.message.mayLeave?.() === false) return lose(sending.state, "content", heldBack);
  return sendContent(sending, entry.message, findNext());
}

const heldBack: Loss = { cause: "closed", text: "the message was taken back before its content" };
const cutShort: Loss = { cause: "closed", text: "the session ended before it" };

type Opening = { readonly kind: "go" } | SendOutcome;

const beforeContent: readonly SendingStage[] = ["mail", "rcpt", "data"];
const afterReset: readonly SendingStage[] = ["reset", ...beforeContent];

function stagesOf({ state }: Sending): readonly SendingStage[] {
  return state.needsReset ? afterReset : beforeContent;
}

function lineOf(stage: SendingStage, { mail, rcpt }: Envelope): string {
  if (stage === "reset") return "RSET\r\n";
  if (stage === "mail") return mail;
  return stage === "rcpt" ? rcpt : "DATA\r\n";
}

function linesOf(stages: readonly SendingStage[], envelope: Envelope): string {
  let lines = "";
  for (const stage of stages) lines += lineOf(stage, envelope);
  return lines;
}

/** Says the commands before the content, unless they went out already; `go` when the server waits for it. */
async function openTransaction(sending: Sending, { envelope, said }: Entry): Promise<Opening> {
  const { conversation, isPipelined, state, timeouts } = sending;
  if (!state.isUsable) return lose(state, "mail", conversation.loss ?? cutShort);
  const stages = said ?? stagesOf(sending);
  if (isPipelined && said === undefined) conversation.say(linesOf(stages, envelope));

  let refusal: SendOutcome | undefined;
  for (const stage of stages) {
    if (!isPipelined) conversation.say(lineOf(stage, envelope));
    const heard = conversation.take() ?? (await conversation.hear(timeouts.commandMs));
    // A server that refuses and hangs up has still said why.
    if (heard.kind === "lost") {
      state.isUsable = false;
      return refusal ?? lose(state, stage, heard.loss);
    }
    const { reply } = heard;
    if (!fits(stage, reply))
      return lose(state, stage, { cause: "protocol", text: `${reply.code} is no answer to ${stage}` });
    noteTransaction(sending, stage, reply);
    if (isRefusal(reply)) {
      // What a server says about RSET says nothing about the message.
      if (stage === "reset")
        return lose(state, stage, { cause: "protocol", text: `RSET was answered with ${reply.code}` });
      refusal ??= { kind: "refused", stage, reply };
      if (isClosing(reply)) state.isUsable = false;
      if (!isPipelined || isClosing(reply)) break;
    } else if (stage === "data" && refusal !== undefined) {
      await endEmptyContent(sending);
    }
  }
  if (refusal !== undefined) return refusal;
  if (conversation.hasUnheard())
    return lose(state, "data", { cause: "protocol", text: "the server answers ahead of the content" });
  return { kind: "go" };
}

function noteTransaction({ state }: Sending, stage: SendingStage, reply: SmtpReply): void {
  if (stage === "reset" && isAccepting(reply)) state.needsReset = false;
  if (stage === "mail" && isAccepting(reply)) state.needsReset = true;
  if (stage === "data" && reply.code === 354) state.needsReset = false;
}

/** DATA was granted although the recipient was not: RFC 2920 section 3.1 asks for a lone dot. */
async function endEmptyContent({ conversation, state, timeouts }: Sending): Promise<void> {
  conversation.say(".\r\n");
  const heard = conversation.take() ?? (await conversation.hear(timeouts.finalReplyMs));
  // A server that accepts a message without recipient and content cannot be trusted with the next.
  if (heard.kind === "lost" || !isRefusal(heard.reply) || isClosing(heard.reply)) state.isUsable = false;
}

async function sendContent(sending: Sending, message: Message, next: Entry | undefined): Promise<SendOutcome> {
  const { conversation, state, timeouts } = sending;
  const commands = chooseWhatFollows(sending, next);
  const pushed = conversation.push(toWire(message, commands));
  if (!pushed.isWritten) {
    const writing = await conversation.settle(pushed, contentLimitMs(timeouts, message.content.length));
    if (writing.kind === "lost") return loseContent(state, pushed, writing.loss);
    if (writing.kind === "answered") return hearEarly(sending);
  }
  const outcome = await hearEnd(sending);
  if (outcome.kind === "in_doubt" && commands !== "") state.runningOn = "failed";
  if (commands === probe && state.isUsable) await hearProbe(sending);
  return outcome;
}

function loseContent(state: SessionState, { mayBeOut }: Pushed, loss: Loss): SendOutcome {
  // What the system has not taken when the time is over has not left.
  if (!mayBeOut || loss.cause === "timeout") return lose(state, "content", loss);
  state.isUsable = false;
  return { kind: "in_doubt", loss };
}

/** The content in the form that stands behind DATA, with what follows. */
function toWire({ content, isClean, margins }: Message, commands: string): Written {
  if (isClean === true || isReadyForWire(content)) return { before: "", content, behind: `.\r\n${commands}`, margins };
  return { before: "", content: stuffDots(content), behind: commands };
}

/** The server spoke before the content was over: the rest must not follow, it would be read as commands. */
async function hearEarly({ conversation, state }: Sending): Promise<SendOutcome> {
  state.isUsable = false;
  const early = await conversation.hear(0);
  if (early.kind === "reply" && isRefusal(early.reply))
    return { kind: "refused", stage: "content", reply: early.reply };
  return lose(state, "content", { cause: "protocol", text: "the server answers before the content is over" });
}

/** A command that changes nothing: a server that answers the dot and this one in turn stands more behind the dot. */
const probe = "NOOP\r\n";
/** The outcome of the message before is held until then. */
const longestProbeMs = 5_000;

/** What goes out behind the final dot: the next envelope where that is proved, else the probe once a first message went well. */
function chooseWhatFollows(sending: Sending, next: Entry | undefined): string {
  const { isPipelined, mayTryRunningOn, state } = sending;
  if (!isPipelined || state.runningOn === "failed") return "";
  if (state.runningOn === "untried") return mayTryRunningOn && state.sentCount > 0 ? probe : "";
  if (next === undefined) return "";
  next.said = stagesOf(sending);
  return linesOf(next.said, next.envelope);
}

async function hearEnd({ conversation, state, timeouts }: Sending): Promise<SendOutcome> {
  const heard = conversation.take() ?? (await conversation.hear(timeouts.finalReplyMs));
  if (heard.kind === "lost") {
    state.isUsable = false;
    return { kind: "in_doubt", loss: heard.loss };
  }
  const { reply } = heard;
  if (isAccepting(reply)) return { kind: "sent", reply };
  if (isClosing(reply)) state.isUsable = false;
  if (isRefusal(reply)) return { kind: "refused", stage: "content", reply };
  state.isUsable = false;
  return { kind: "in_doubt", loss: { cause: "protocol", text: `${reply.code} is no answer to the final dot` } };
}

async function hearProbe({ conversation, state, timeouts }: Sending): Promise<void> {
  const heard = await conversation.hear(Math.min(longestProbeMs, timeouts.commandMs));
  const isProved = heard.kind === "reply" && isAccepting(heard.reply);
  state.runningOn = isProved ? "proved" : "failed";
  if (heard.kind === "lost" || isClosing(heard.reply) || !fits("reset", heard.reply)) state.isUsable = false;
}
