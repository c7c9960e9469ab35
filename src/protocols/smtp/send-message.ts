/** Sends one message to one recipient over an open session. */

import type { Conversation } from "./converse.ts";
import { type EnvelopeAddress, nullSender, parseEnvelopeAddress } from "./envelope-address.ts";
import type { Timeouts } from "./open-session.ts";
import type { Loss, SendingStage, SendOutcome } from "./outcome.ts";
import type { Extensions } from "./read-extensions.ts";
import { isAccepting, isClosing, type SmtpReply } from "./reply.ts";
import type { SessionState } from "./session.ts";
import { hasEightBitBytes, stuffDots } from "./stuff-dots.ts";

export type Message = {
  /** `from` is empty for the null sender. */
  readonly envelope: { readonly from: string; readonly to: string };
  /** Headers and body, not dot-stuffed. */
  readonly content: Buffer;
};

/** The session a message is sent over. */
export type Sending = {
  readonly conversation: Conversation;
  readonly extensions: Extensions;
  readonly isPipelined: boolean;
  readonly timeouts: Timeouts;
  readonly state: SessionState;
};

/**
 * Sends a message: MAIL, RCPT and DATA in one write where the server offers PIPELINING, then the content.
 * @returns what became of it; `state` says whether the session can be used again
 * @source RFC 5321 section 3.3, RFC 2920, RFC 1047
 */
export async function sendMessage(sending: Sending, message: Message): Promise<SendOutcome> {
  const envelope = prepareEnvelope(sending.extensions, message);
  if ("kind" in envelope) return envelope;

  const opening = await sayEnvelope(sending, envelope.commands);
  if (opening.kind !== "go") return opening;
  return sendContent(sending, stuffDots(message.content));
}

type Command = { readonly stage: SendingStage; readonly line: string };

function prepareEnvelope(
  extensions: Extensions,
  message: Message,
): { readonly commands: readonly Command[] } | SendOutcome {
  const from = message.envelope.from === "" ? nullSender : parseEnvelopeAddress(message.envelope.from);
  const to = parseEnvelopeAddress(message.envelope.to);
  if (from === undefined || to === undefined)
    return unsendable("unsafe_address", "the address cannot be written in an SMTP command");

  const parameters: string[] = [];
  const size = message.content.length;
  if (extensions.size) parameters.push(` SIZE=${size}`);
  if (extensions.maxSizeBytes !== undefined && size > extensions.maxSizeBytes) {
    return unsendable("too_large", `the message has ${size} bytes, the server takes ${extensions.maxSizeBytes}`);
  }
  if (needsSmtpUtf8(from, to)) {
    if (!extensions.smtpUtf8)
      return unsendable("needs_smtputf8", "the address needs SMTPUTF8, which the server does not offer");
    parameters.push(" SMTPUTF8");
  }
  if (hasEightBitBytes(message.content)) {
    if (!extensions.eightBitMime)
      return unsendable("needs_8bitmime", "the message needs 8BITMIME, which the server does not offer");
    parameters.push(" BODY=8BITMIME");
  }
  return {
    commands: [
      { stage: "mail", line: `MAIL FROM:<${from.text}>${parameters.join("")}\r\n` },
      { stage: "rcpt", line: `RCPT TO:<${to.text}>\r\n` },
      { stage: "data", line: "DATA\r\n" },
    ],
  };
}

function needsSmtpUtf8(...addresses: readonly EnvelopeAddress[]): boolean {
  return addresses.some((address) => address.needsSmtpUtf8);
}

type Opening = { readonly kind: "go" } | SendOutcome;

/** Says the commands before the content; `go` when the server waits for it. */
async function sayEnvelope(sending: Sending, envelope: readonly Command[]): Promise<Opening> {
  const { conversation, isPipelined, state, timeouts } = sending;
  const commands: readonly Command[] = state.needsReset
    ? [{ stage: "reset", line: "RSET\r\n" }, ...envelope]
    : envelope;
  if (isPipelined) conversation.say(commands.map(({ line }) => line).join(""));

  let refusal: SendOutcome | undefined;
  for (const { stage, line } of commands) {
    if (!isPipelined) conversation.say(line);
    const heard = await conversation.hear(timeouts.commandMs);
    // A server that refuses and hangs up has still said why.
    if (heard.kind === "lost") return refusal ?? lose(state, stage, heard.loss);
    const { reply } = heard;
    if (!fits(stage, reply))
      return lose(state, stage, { cause: "protocol", text: `${reply.code} is no answer to ${stage}` });
    noteTransaction(state, stage, reply);
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

/** 354 belongs to DATA and to nothing else; DATA is never answered with 2xx. */
function fits(stage: SendingStage, reply: SmtpReply): boolean {
  return stage === "data" ? reply.code === 354 || reply.code >= 400 : isAccepting(reply) || reply.code >= 400;
}

function isRefusal(reply: SmtpReply): boolean {
  return reply.code >= 400;
}

function noteTransaction(state: SessionState, stage: SendingStage, reply: SmtpReply): void {
  if (stage === "reset" && isAccepting(reply)) state.needsReset = false;
  if (stage === "mail" && isAccepting(reply)) state.needsReset = true;
  if (stage === "data" && reply.code === 354) state.needsReset = false;
}

/** DATA was granted although the recipient was not: RFC 2920 section 3.1 asks for a lone dot. */
async function endEmptyContent({ conversation, state, timeouts }: Sending): Promise<void> {
  conversation.say(".\r\n");
  const heard = await conversation.hear(timeouts.finalReplyMs);
  // A server that accepts a message without recipient and content cannot be trusted with the next.
  if (heard.kind === "lost" || !isRefusal(heard.reply) || isClosing(heard.reply)) state.isUsable = false;
}

async function sendContent({ conversation, state, timeouts }: Sending, wire: Buffer): Promise<SendOutcome> {
  const limitMs = Math.max(timeouts.contentMs, (wire.length / timeouts.slowestBytesPerSec) * 1_000);
  const writing = await conversation.write(wire, limitMs);
  if (writing.kind === "lost") return lose(state, "content", writing.loss);
  if (writing.kind === "answered") {
    // The rest must not follow: the server would read it as commands.
    state.isUsable = false;
    const early = await conversation.hear(0);
    if (early.kind === "reply" && isRefusal(early.reply))
      return { kind: "refused", stage: "content", reply: early.reply };
    return lose(state, "content", { cause: "protocol", text: "the server answers before the content is over" });
  }

  const heard = await conversation.hear(timeouts.finalReplyMs);
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

function lose(state: SessionState, stage: SendingStage, loss: Loss): SendOutcome {
  state.isUsable = false;
  return { kind: "lost", stage, loss };
}

function unsendable(reason: Extract<SendOutcome, { kind: "unsendable" }>["reason"], text: string): SendOutcome {
  return { kind: "unsendable", reason, text };
}
